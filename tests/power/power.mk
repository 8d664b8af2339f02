# Power cuts: a disk that is recorded and cut at any write, and the tests that use it. Root, /dev/fuse and
# /dev/loop* are needed; without them the tests say that they are skipped.
# SEED=N repeats a run; every run prints its seed.

# Always without sanitizers: one serves a disk, the other traces.
POWER_TOOLS := build/power/blocklog build/power/syncless

build/power/%: tests/power/%.cc
	@mkdir -p $(@D)
	@echo "  CXX   $<"
	@$(CXX) -std=c++23 -I. -O2 $(SYMBOLS) -fno-exceptions $(WARNINGS) -MMD -MP -MF $@.d -o $@ $< $(POWER_LIBS)

build/power/blocklog: POWER_LIBS := -lfuse3

POWER_SEED = $(if $(SEED),--seed $(SEED))

.PHONY: check-power-harness check-sync-order check-power check-power-long

# Can the harness tell safe orders of write, link and sync from unsafe ones?
check-power-harness: $(POWER_TOOLS)
	@/usr/bin/python3 tests/power/protocols.py --blocklog build/power/blocklog --images 40 $(POWER_SEED)

check-sync-order:
	@$(MAKE) --no-print-directory BUILD=release all
	@/usr/bin/python3 tests/power/sync_order.py --build build/release

# 300 cuts of one run, waypost started again on 25 of the images; then with syncs taken away.
check-power: $(POWER_TOOLS)
	@$(MAKE) --no-print-directory BUILD=release all
	@/usr/bin/python3 tests/power/spool_cuts.py --build build/release --images 300 --restarts 25 --letters 150 \
	  --controls --control-images 30 $(POWER_SEED)

# Started again on every image.
check-power-long: $(POWER_TOOLS)
	@$(MAKE) --no-print-directory BUILD=release all
	@/usr/bin/python3 tests/power/spool_cuts.py --build build/release --images 1000 --restarts 1000 --letters 400 \
	  --controls --control-images 200 $(POWER_SEED)

-include $(wildcard build/power/*.d build/crash/*.d)
