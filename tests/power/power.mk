# Power cuts: a disk that is recorded and cut at any write, and the tests that use it. Root, /dev/fuse and
# /dev/loop* are needed; without them the tests say that they are skipped.
# SEED=N repeats a run; every run prints its seed.

# Always without sanitizers: one serves a disk, the other traces.
POWER_TOOLS := build/power/blocklog build/power/syncless

build/power/%: tests/power/%.cc | test-deps
	@mkdir -p $(@D)
	@echo "  CXX   $<"
	@$(CXX) -std=c++23 -I. -O2 $(SYMBOLS) -fno-exceptions $(WARNINGS) -MMD -MP -MF $@.d -o $@ $< $(POWER_LIBS)

build/power/blocklog: POWER_LIBS := -lfuse3

POWER_CUTS = /usr/bin/python3 tests/power/spool_cuts.py --build build/release

.PHONY: check-power-harness check-sync-order check-power check-power-long check-power-proof

# Does the account see what breaks its rules? Are images what a power cut leaves? Can the harness tell safe orders of write,
# link and sync from unsafe ones?
check-power-harness: peers $(POWER_TOOLS)
	@/usr/bin/python3 tests/power/story_rules.py
	@/usr/bin/python3 tests/power/image_rules.py $(FIXED_SEED)
	@/usr/bin/python3 tests/power/protocols.py --blocklog build/power/blocklog --images 40 $(FIXED_SEED)

check-sync-order: peers
	@$(MAKE) --no-print-directory BUILD=release all
	@/usr/bin/python3 tests/power/sync_order.py --build build/release

# 150 cuts of one run, waypost started again on 15 of the images; then with the syncs of accept taken away that ext4 misses.
# The syncs of the others are taken away in the proof, its short form too.
check-power: peers $(POWER_TOOLS)
	@$(MAKE) --no-print-directory BUILD=release all
	@$(POWER_CUTS) $(FIXED_SEED) --images 150 --restarts 15 --letters 60 --controls seen --only accept --control-images 40

# On three file systems, started again on every image.
check-power-long: peers $(POWER_TOOLS)
	@$(MAKE) --no-print-directory BUILD=release all
	@$(POWER_CUTS) $(DRAWN_SEED) --on ext4,xfs,btrfs --images 1000,300,300 --restarts 1000 --letters 400 --controls all --control-images 100

# The part of `make proof`: ON= and IMAGES= are for a run by hand. In the long form cut at every single write, run after run.
ON ?= ext4,xfs,btrfs
SHORT_IMAGES := 500,50,50
check-power-proof: peers $(POWER_TOOLS)
	@$(MAKE) --no-print-directory BUILD=release all
ifdef SHORT
	@$(POWER_CUTS) $(DRAWN_SEED) --on $(ON) --images $(or $(IMAGES),$(SHORT_IMAGES)) --restarts 500 --letters 100 \
	  --controls seen --control-images 60
else
	@$(POWER_CUTS) $(DRAWN_SEED) --on $(ON) --images $(or $(IMAGES),20000) --every --letters 60 --controls all --control-images 100
endif

# Mail that ends on this machine, and a second cut during recovery.
.PHONY: check-power-local
check-power-local: peers $(POWER_TOOLS)
	@$(MAKE) --no-print-directory BUILD=release all
	@/usr/bin/python3 tests/power/local_cuts.py --build build/release $(DRAWN_SEED) --on $(ON) --controls \
	  $(if $(SHORT),--images 16 --again 1,--images 1000 --again 40)

-include $(wildcard build/power/*.d build/crash/*.d)
