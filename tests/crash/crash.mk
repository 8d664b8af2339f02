# Crashes: kill -9 of every program under load, and at every system call of a message's life.

$(POWER_OUT)/killat: tests/crash/killat.cc
	@mkdir -p $(@D)
	@echo "  CXX   $<"
	@$(POWER_CXX) -MMD -MP -MF $@.d -o $@ $<
