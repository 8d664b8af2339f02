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

POWER_CUTS = $(MAKE) --no-print-directory BUILD=release all && \
             /usr/bin/python3 tests/power/spool_cuts.py --build build/release $(POWER_SEED)

.PHONY: check-power-harness check-sync-order check-power check-power-long check-power-proof

# Can the harness tell safe orders of write, link and sync from unsafe ones?
check-power-harness: $(POWER_TOOLS)
	@/usr/bin/python3 tests/power/protocols.py --blocklog build/power/blocklog --images 40 $(POWER_SEED)

check-sync-order:
	@$(MAKE) --no-print-directory BUILD=release all
	@/usr/bin/python3 tests/power/sync_order.py --build build/release

# 300 cuts of one run, waypost started again on 25 of the images; then with those syncs taken away that ext4 misses.
check-power: $(POWER_TOOLS)
	@$(POWER_CUTS) --images 300 --restarts 25 --letters 100 --controls seen --control-images 30

# On three file systems, started again on every image.
check-power-long: $(POWER_TOOLS)
	@$(POWER_CUTS) --on ext4,xfs,btrfs --images 1000,300,300 --restarts 1000 --letters 400 --controls all --control-images 100

# The part of `make proof`: ON= and IMAGES= are for a run by hand. Cut at every single write, run after run.
ON ?= ext4,xfs,btrfs
check-power-proof: $(POWER_TOOLS)
ifdef SHORT
	@$(POWER_CUTS) --on $(ON) --images $(or $(IMAGES),500,50,50) --restarts 500 --letters 100
else
	@$(POWER_CUTS) --on $(ON) --images $(or $(IMAGES),20000) --every --letters 60 --controls all --control-images 100
endif

-include $(wildcard build/power/*.d build/crash/*.d)
