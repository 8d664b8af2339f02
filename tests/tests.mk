# Packages, peers and tests. The targets check-* end with a line "N passed, N failed"; `check` runs those in CHECKS
# one after another and ends with their sum.

.PHONY: deps test-deps lint-deps deb-deps peers check check-long check-rules check-unit check-system check-system-long check-system-sanitized \
        check-system-sanitized-long

# For tests that draw: SEED=N, which each prints. Where nobody gave one, `make check` draws the same for everybody; long forms
# of the power cuts draw anew.
FIXED_SEED = --seed $(or $(SEED),1)
DRAWN_SEED = $(if $(SEED),--seed $(SEED))

deps:
	@tests/install-packages $(DEPS)

test-deps: deps
	@tests/install-packages $(TEST_DEPS)

lint-deps:
	@tests/install-packages $(LINT_DEPS)

bench-deps: test-deps
	@tests/install-packages $(BENCH_DEPS)

deb-deps: deps
	@tests/install-packages $(DEB_DEPS)

# The private Debian root that holds Postfix, Exim, OpenSMTPD, unbound, nsd, microsocks and Dante; outside this tree, made once.
peers: test-deps
	@tests/peers/root

# ---- Unit tests: the files tests/unit/ROOM/*_test.cc are one Criterion binary --------------------

UNIT_BINARIES :=
UNIT_LIBS     := -luv -lssl -lcrypto -lcares -lidn2 -lsodium -lidn -lpsl -lcriterion

define unit
UNIT_BINARIES += $(OUT)/tests/unit/$(1)-test
$(OUT)/tests/unit/$(1)-test: $(call objects,$(wildcard tests/unit/$(1)/*.cc)) $(foreach r,$(ROOMS),$(call archive,$(r)))
	@echo "  LINK  $$@"
	@$(CXX) $(LDFLAGS) -Wl,--no-gc-sections -o $$@ $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $(UNIT_LIBS)
endef
$(foreach room,$(notdir $(patsubst %/,%,$(wildcard tests/unit/*/))),$(eval $(call unit,$(room))))

# Criterion's macros catch exceptions, and assign int to bit fields. What they expand to costs the compiler more than
# the rooms do: tests themselves are not optimised, and watched by AddressSanitizer alone.
TEST_MODE := -fexceptions -Wno-conversion -O0 $(if $(filter sanitize,$(BUILD)),-fno-sanitize=undefined,-U_FORTIFY_SOURCE)
$(OUT)/tests/unit/%.o: CXXFLAGS += $(TEST_MODE)

.PHONY: run-unit unit-programs
unit-programs: $(UNIT_BINARIES)
run-unit: unit-programs
	@tests/run-unit $(UNIT_BINARIES)

check-unit: test-deps
	@$(MAKE) --no-print-directory BUILD=sanitize run-unit

# The release build under memcheck, which knows what no sanitizer here does: bytes that nobody wrote. Each test is a process
# that valgrind starts anew, so that it takes three quarters of an hour. UNFIT in tests/run-unit are single tests that are skipped.
.PHONY: check-valgrind run-valgrind
run-valgrind: unit-programs
	@tests/run-unit --valgrind $(UNIT_BINARIES)

check-valgrind: test-deps
	@$(MAKE) --no-print-directory BUILD=release run-valgrind

# ---- Rules of this code that no compiler knows ---------------------------------------------------

check-rules:
	@/usr/bin/python3 tests/rules/check_rules.py

# ---- System tests: NAMES="part of a name" selects ------------------------------------------------

SYSTEM_TEST_WORKERS ?= 3
# With sanitizers: where waypost reads what others wrote, or keeps what it must not lose; the second line in check-long. The
# others test harness and peers, or how foreign servers take what was sent: once is enough.
WATCHED := accept damage delivery hostile local login replies smtpd tls
WATCHED_LONG := addresses changes commands config figures hosts nostarttls notices privilege simulate smarthost smuggling socks \
                stories transcript tree

check-system: peers
	@$(MAKE) --no-print-directory BUILD=release all
	@/usr/bin/python3 tests/system/run.py -j $(SYSTEM_TEST_WORKERS) --build build/release $(NAMES)

# The modules long_*.py: what takes too long for every change. Some install the package on a Debian machine of their own.
check-system-long: peers deb
	@$(MAKE) --no-print-directory BUILD=release all
	@HOSTILE_SHORT=1 /usr/bin/python3 tests/system/run.py --long -j $(SYSTEM_TEST_WORKERS) --build build/release $(NAMES)

check-system-sanitized: peers
	@$(MAKE) --no-print-directory BUILD=sanitize all
	@/usr/bin/python3 tests/system/run.py -j $(SYSTEM_TEST_WORKERS) --build build/sanitize \
	    $(or $(NAMES),$(WATCHED:%=test_%.))

check-system-sanitized-long:
	@$(MAKE) --no-print-directory check-system-sanitized NAMES="$(WATCHED_LONG:%=test_%.)"

# ---- All of it -----------------------------------------------------------------------------------

# First what the release build is enough for: it waits more than it computes, and what stands behind a "=" is built
# meanwhile for the others.
CHECKS := check-rules check-lint check-demo check-spf-suite check-spf-peer check-system check-kills check-steps \
          check-power-harness check-sync-order check-power \
          check-unit=sanitized check-fuzz check-system-sanitized
CHECKS_LONG := check-system-sanitized-long check-kills-sanitized check-system-long check-fuzz-long check-valgrind fuzz-coverage check-kills-long check-steps-long check-power-long check-spf-long

.PHONY: sanitized
sanitized:
	@$(MAKE) --no-print-directory BUILD=sanitize all unit-programs walkers

check: peers
	@tests/run-checks $(CHECKS)

# What takes an hour: once before a release.
check-long: peers
	@tests/run-checks $(CHECKS_LONG)
