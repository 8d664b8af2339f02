# What is shown of check_host() by records from elsewhere: the suite of RFC 7208, and python3-spf beside it.

ZONE_CHECK := $(OUT)/tests/zone-check
$(ZONE_CHECK): $(OUT)/tests/spfcheck/zone_check.o $(foreach r,spfcheck lib/net lib/mail lib/sys,$(call archive,$(r)))
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CXX) $(LDFLAGS) -o $@ $^ -luv -lcares -lidn2

.PHONY: zone-check check-spf-suite
zone-check: $(ZONE_CHECK)

check-spf-suite:
	@$(MAKE) --no-print-directory BUILD=release zone-check
	@/usr/bin/python3 -B tests/spfcheck/suite.py --build build/release
