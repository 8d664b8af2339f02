# A tool that makes a running program do what it is not meant to do, and one that makes the kernel an old one.

# Always without sanitizers: it traces, and is not what is tested.
build/confinement/%: tests/confinement/%.cc
	@mkdir -p $(@D)
	@echo "  CXX   $<"
	@$(CXX) -std=c++23 -I. -O2 $(SYMBOLS) -fno-exceptions $(WARNINGS) -MMD -MP -MF $@.d -o $@ $<

check-system: build/confinement/attempts build/confinement/oldkernel

-include $(wildcard build/confinement/*.d)
