# A submission server whose logins GNU SASL checks. Without its header (`make test-deps`) the tests that need it are skipped.

build/gsasl/server: tests/gsasl/server.cc
	@mkdir -p $(@D)
	@echo "  CXX   $<"
	@$(CXX) -std=c++23 -I. -O2 $(SYMBOLS) -fno-exceptions $(WARNINGS) -MMD -MP -MF $@.d -o $@ $< -lgsasl -lssl -lcrypto

check-system check-system-long check-system-sanitized: $(if $(wildcard /usr/include/gsasl.h),build/gsasl/server)

-include $(wildcard build/gsasl/*.d)
