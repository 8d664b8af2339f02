# What is shown of check_host() by records from elsewhere: the suite of RFC 7208, and python3-spf beside it.

ZONE_CHECK := $(OUT)/tests/zone-check
$(ZONE_CHECK): $(OUT)/tests/spfcheck/zone_check.o $(foreach r,spfcheck lib/net lib/mail lib/sys,$(call archive,$(r)))
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CXX) $(LDFLAGS) -o $@ $^ -luv -lcares -lidn2

.PHONY: zone-check check-spf-suite check-spf-peer check-spf-long
zone-check: $(ZONE_CHECK)

# The suite, each scenario by its name.
check-spf-suite: test-deps
	@$(MAKE) --no-print-directory BUILD=release zone-check
	@/usr/bin/python3 -B tests/spfcheck/suite.py --build build/release

# Made-up records, and python3-spf beside us; judged.py has every difference. CASES=N SEED=S; the long form needs each
# judgement.
CASES ?= 3000
check-spf-peer: test-deps
	@$(MAKE) --no-print-directory BUILD=release zone-check
	@/usr/bin/python3 -B tests/spfcheck/differ.py --build build/release --cases $(CASES) $(FIXED_SEED)

check-spf-long: test-deps
	@$(MAKE) --no-print-directory BUILD=release zone-check
	@/usr/bin/python3 -B tests/spfcheck/differ.py --build build/release --cases 60000 $(FIXED_SEED) --all
