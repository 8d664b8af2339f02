# The tool that makes a running program do what it is not meant to do; test_confinement.py reads its answers.

# Always without sanitizers: it traces, and is not what is tested.
build/confinement/%: tests/confinement/%.cc
	@mkdir -p $(@D)
	@echo "  CXX   $<"
	@$(CXX) -std=c++23 -I. -O2 $(SYMBOLS) -fno-exceptions $(WARNINGS) -MMD -MP -MF $@.d -o $@ $<

check-system: build/confinement/attempts

-include $(wildcard build/confinement/*.d)
