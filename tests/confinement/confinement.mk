# Tools that make a running program do what it is not meant to do, and one that makes the kernel an old one.

# Always without sanitizers: it traces, and is not what is tested.
build/confinement/%: tests/confinement/%.cc | deps
	@mkdir -p $(@D)
	@echo "  CXX   $<"
	@$(CXX) -std=c++23 -I. -O2 $(SYMBOLS) -fno-exceptions $(WARNINGS) -MMD -MP -MF $@.d -o $@ $<

check-system check-system-long: build/confinement/attempts build/confinement/oldkernel build/confinement/heists

.PHONY: check-heists
check-heists: peers build/confinement/heists build/confinement/attempts
	@$(MAKE) --no-print-directory BUILD=release all
	@/usr/bin/python3 tests/system/run.py --long -j 1 --build build/release long_heists. long_oracle.

-include $(wildcard build/confinement/*.d)
