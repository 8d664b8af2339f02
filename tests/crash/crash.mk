# Crashes: kill -9 of every program under load, and at every system call of a message's life.

# Always without sanitizers: it traces, and is not what is tested.
build/crash/%: tests/crash/%.cc
	@mkdir -p $(@D)
	@echo "  CXX   $<"
	@$(CXX) -std=c++23 -O2 -g -fno-exceptions $(WARNINGS) -MMD -MP -MF $@.d -o $@ $<
