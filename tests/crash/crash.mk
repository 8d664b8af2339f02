# Crashes: kill -9 of every program under load, and at every system call of a message's life.
# SEED=N repeats a run; every run prints its seed.

# Always without sanitizers: it traces, and is not what is tested.
build/crash/%: tests/crash/%.cc | deps
	@mkdir -p $(@D)
	@echo "  CXX   $<"
	@$(CXX) -std=c++23 -I. -O2 $(SYMBOLS) -fno-exceptions $(WARNINGS) -MMD -MP -MF $@.d -o $@ $<

.PHONY: check-kills check-kills-sanitized check-steps check-kills-long check-steps-long

check-kills: peers
	@$(MAKE) --no-print-directory BUILD=release all
	@/usr/bin/python3 tests/crash/kills.py --build build/release --kills 50 $(FIXED_SEED)

check-kills-sanitized: peers
	@$(MAKE) --no-print-directory BUILD=sanitize all
	@/usr/bin/python3 tests/crash/kills.py --build build/sanitize --kills 20 $(FIXED_SEED)

# waypost-queue and sendmail at every call, the manager at 30 of its calls.
check-steps: peers build/crash/killat
	@$(MAKE) --no-print-directory BUILD=release all
	@/usr/bin/python3 tests/crash/steps.py --build build/release --sample 30 $(FIXED_SEED)

check-kills-long: peers
	@$(MAKE) --no-print-directory BUILD=release all
	@/usr/bin/python3 tests/crash/kills.py --build build/release --kills 500 $(FIXED_SEED)

# The manager at every single call.
check-steps-long: peers build/crash/killat
	@$(MAKE) --no-print-directory BUILD=release all
	@/usr/bin/python3 tests/crash/steps.py --build build/release $(FIXED_SEED)

# Every call of every program fails once (faults), or is its last one (deaths); NAMES="waypost-qmgr": of these programs
# alone. In the short form some of each program's, chosen by the seed.
FAULT_JOBS ?= 4
FAULTS = /usr/bin/python3 tests/crash/faults.py --build build/release --jobs $(FAULT_JOBS) $(FIXED_SEED) \
         $(if $(filter %-long,$@),,--sample $(1)) $(NAMES)

.PHONY: check-faults check-faults-long check-deaths check-deaths-long check-garbage check-garbage-long check-full-disk

check-faults check-faults-long: peers build/crash/faultat
	@$(MAKE) --no-print-directory BUILD=release all
	@$(call FAULTS,16)

check-deaths check-deaths-long: peers build/crash/faultat
	@$(MAKE) --no-print-directory BUILD=release all
	@$(call FAULTS,8) --kills

# What one program writes to another is bytes without sense, too long, or half and then the end.
check-garbage check-garbage-long: peers build/crash/faultat
	@$(MAKE) --no-print-directory BUILD=release all
	@$(call FAULTS,8) --garbage

# The wall clock set by years, while the tree runs and between two lives of it.
.PHONY: check-clocks
check-clocks: peers build/crash/othertime
	@$(MAKE) --no-print-directory BUILD=release all
	@/usr/bin/python3 tests/crash/clocks.py --build build/release $(FIXED_SEED)

# Mixed traffic with faults, reloads and restarts.
.PHONY: check-soak
SOAK_MINUTES ?= 60
check-soak: peers
	@$(MAKE) --no-print-directory BUILD=release all
	@/usr/bin/python3 tests/crash/soak.py --build build/release --minutes $(SOAK_MINUTES) $(FIXED_SEED)

# Blocks and inodes of a small file system are taken away under load, for so many seconds each.
FULL_SECONDS ?= 60
check-full-disk: peers
	@$(MAKE) --no-print-directory BUILD=release all
	@/usr/bin/python3 tests/crash/full_disk.py --build build/release --seconds $(FULL_SECONDS) $(FIXED_SEED)
