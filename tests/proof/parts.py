"""The parts of `make proof`, in the order in which they run.

A part is a make target, called with other variables in the short form than in the long one, or in that alone. `rows` says that it writes
rows of its own (rows.py); of any other the report shows the sum "N passed, N failed" that it ends with.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Part:
    name: str       # of its files below build/proof
    test: str       # what is proved, for people
    long: str       # arguments of make; the short form's where they differ
    short: str | None  # None: in the long form alone
    rows: bool = False

    def arguments(self, short):
        return (self.short if short else self.long).split()

    def is_in(self, short):
        return not short or self.short is not None


PARTS = (
    Part("power", "power cuts at any write", "check-power-proof", "check-power-proof SHORT=1", rows=True),
    Part("local", "power cuts of local mail, and cuts during recovery", "check-power-local", "check-power-local SHORT=1 ON=ext4",
         rows=True),
    Part("kills", "kill -9 of every program under load", "check-kills-long", "check-kills", rows=True),
    Part("steps", "kill -9 at each system call", "check-steps-long", "check-steps"),
    Part("faults", "each system call fails once", "check-faults-long", "check-faults", rows=True),
    Part("deaths", "each system call is a program's last", "check-deaths-long", "check-deaths", rows=True),
    Part("garbage", "what one program says to another is garbage", "check-garbage-long", "check-garbage", rows=True),
    Part("clocks", "the wall clock set by years", "check-clocks", "check-clocks", rows=True),
    Part("full", "disk and inodes full under load", "check-full-disk", "check-full-disk FULL_SECONDS=10", rows=True),
    Part("hostile", "a hostile world", "check-hostile", "check-hostile SHORT=1", rows=True),
    Part("soak", "mixed traffic with faults, reloads and restarts", "check-soak", "check-soak SOAK_MINUTES=2", rows=True),
    Part("sandbox", "forbidden acts in the place of a running program",
         "check-system NAMES=test_confinement.", "check-system NAMES=test_confinement."),
    Part("heists", "the queue, the key and siblings, tried for", "check-heists", "check-heists"),
    Part("fuzz", "parsers against any bytes", "fuzz TIME=180", "check-fuzz"),
    Part("coverage", "lines of the parsers that are reached", "fuzz-coverage", None),
    Part("memcheck", "unit tests under valgrind", "check-valgrind", None),
)
