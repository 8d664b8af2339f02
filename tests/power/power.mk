# Power cuts: the recorder of a disk, the tracer that takes syncs away, and the tests that use them.
# Both programs are always built without sanitizers: one traces, the other serves a disk.

POWER_OUT := build/power
POWER_CXX  = $(CXX) -std=c++23 -O2 -g -fno-exceptions $(WARNINGS)

$(POWER_OUT)/%: tests/power/%.cc
	@mkdir -p $(@D)
	@echo "  CXX   $<"
	@$(POWER_CXX) -MMD -MP -MF $@.d -o $@ $< $(POWER_LIBS)

$(POWER_OUT)/blocklog: POWER_LIBS := -lfuse3

# Can the harness tell safe orders of write, link and sync from unsafe ones? (25 s)
.PHONY: check-power-harness
check-power-harness: $(POWER_OUT)/blocklog
	/usr/bin/python3 tests/power/protocols.py --blocklog $<
