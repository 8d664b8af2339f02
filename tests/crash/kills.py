#!/usr/bin/python3
"""kill -9 of every program at random moments under load: nothing accepted is lost.

    kills.py [--build DIR] [--kills N] [--seed N]

Injectors hand in letters all the time while programs of the tree, waypost-start itself and the
injectors' own processes are killed, one after another. At the end the servers stop being busy, the
queue runs empty, and the account is drawn up: lost and torn are failures, duplicates are counted.
"""

import argparse
import os
import random
import signal
import sys
import time
from collections import Counter

import scene

import rows  # (scene sets the path)
from letters import Account, Injectors


PATIENCE = 1.5  # seconds


class Killer:
    """Chooses a living program, each name equally often, and kills one process of it."""

    def __init__(self, stage, rng):
        self.stage, self.rng, self.killed = stage, rng, Counter()

    def strike(self):
        deadline = time.monotonic() + 30
        while True:
            members = self.stage.waypost.members()
            members.pop("waypost-config", None)
            if members:
                # The rarest victim first: senders and injectors come and go.
                least = min(self.killed[name] for name in members)
                name = self.rng.choice(sorted(n for n in members if self.killed[n] == least))
                try:
                    os.kill(self.rng.choice(members[name]), signal.SIGKILL)
                    break
                except ProcessLookupError:
                    continue  # it was quicker
            assert time.monotonic() < deadline, "no program of the tree came back"
            time.sleep(0.01)
        self.killed[name] += 1
        return name

    def wait_for_recovery(self):
        """Until there is a queue manager again: a kill shall hit what lives, not what is starting.

        waypost-start waits longer after each death, up to half a minute. That is right for a machine in
        trouble and too long for a test: where it waits longer than PATIENCE, it is started anew.
        """
        way = self.stage.waypost
        deadline = time.monotonic() + PATIENCE
        while "waypost-qmgr" not in way.members():
            if way.tree.poll() is not None or time.monotonic() > deadline:
                self.stage.kill_tree()
                way.start()
            time.sleep(0.02)


def kill_under_load(stage, rng, kills, seed):
    account = Account()
    stage.waypost.start()
    injectors = Injectors(stage.by_any, account, seed).start()
    killer = Killer(stage, rng)
    try:
        for _ in range(kills):
            time.sleep(rng.choice((0.02, 0.1, 0.3)))
            killer.strike()
            time.sleep(0.02)
            killer.wait_for_recovery()
    finally:
        injectors.stop()
    stage.servers.busy = False
    return account, killer.killed


def judge(stage, account, killed, seconds):
    verdict = scene.Verdict()
    kills = ", ".join(f"{name} {count}" for name, count in sorted(killed.items()))
    print(f"killed: {kills}")
    print(f"letters: {len(account.accepted)} accepted, {len(account.unsure)} with a killed injector, "
          f"{len(account.refused)} refused", flush=True)
    empty = stage.wait_for_empty_spool(seconds)
    verdict.line(empty, f"the queue ran empty ({len(stage.files())} files left)")
    servers = stage.servers
    lost = account.lost(servers)
    verdict.line(account.accepted and not lost, f"lost: {len(lost)} recipients {lost[:5]}")
    verdict.line(not servers.torn(), f"arrived damaged: {len(servers.torn())}")
    bad = stage.files("bad")
    verdict.line(not bad, f"taken for damaged by the manager: {len(bad)} {bad[:3]}")
    twice = account.reported_twice(servers)
    verdict.line(not twice, f"reported by two notices: {len(twice)} {twice[:5]}")
    wrongly = account.reported_wrongly(servers)
    verdict.line(not wrongly, f"reported, though nobody refused them: {len(wrongly)} {wrongly[:5]}")
    otherwise = servers.signed_otherwise()
    verdict.line(not otherwise, f"unsigned, or signed anew at a later attempt: {len(otherwise)} {otherwise[:5]}")
    # sendmail must call it a failure when its waypost-queue dies, or waypost-accept, also when that came after the name.
    wrong = account.refused_yet_delivered(servers)
    enough = len(wrong) <= killed["waypost-queue"] + killed["waypost-accept"]
    verdict.line(enough, f"refused to the injector, yet delivered: {len(wrong)} {wrong[:5]}")
    doubled, count = account.doubled(servers), sum(killed.values())
    print(f"duplicates (legal after a kill): {doubled} in {count} kills")
    promised = sum(len(letter.recipients) for letter in account.accepted.values())
    rows.add(not verdict.failed, "kill -9 under load", "0 lost", f"{len(lost)} lost in {count} kills", accepted=promised,
             lost=len(lost), doubled=doubled)
    return verdict.end()


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--build", default="build/release")
    parse.add_argument("--kills", type=int, default=50)
    parse.add_argument("--seed", type=int)
    options = parse.parse_args()

    def run(folder):
        seed = scene.seed_of(options)
        with scene.Scene(folder, logs_in=True, signs=True) as stage:  # so that their programs are killed as well
            account, killed = kill_under_load(stage, random.Random(seed), options.kills, seed)
            status = judge(stage, account, killed, 240 + options.kills)
            if status:
                stage.box.print_logs()
            reports = stage.box.sanitizer_reports()
            if reports:
                print(f"FAIL a sanitizer reported:\n{reports}")
                status = 1
            stage.kill_tree()
        return status

    return scene.isolated(run, sys.argv, options.build)


if __name__ == "__main__":
    sys.exit(main())
