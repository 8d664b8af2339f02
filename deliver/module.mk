# waypost-tls.so: OpenSSL and what uses it, loaded by a sender when TLS begins (lib/net/tls.cc says why).

TLS_SOURCES := lib/net/tls_openssl.cc lib/net/tls_pin.cc lib/net/tls_binding.cc lib/net/ip.cc lib/sys/error.cc lib/sys/text.cc
TLS_MODULE  := $(OUT)/waypost-tls.so

$(OUT)/pic/%.o: %.cc
	@mkdir -p $(@D)
	@echo "  CXX   $< (position independent)"
	@$(CXX) $(CXXFLAGS) -fPIC -MMD -MP -c $< -o $@

$(TLS_MODULE): $(patsubst %.cc,$(OUT)/pic/%.o,$(TLS_SOURCES))
	@echo "  LINK  $@"
	@$(CXX) $(filter-out -pie -fPIE,$(LDFLAGS)) -shared -Wl,-Bsymbolic -Wl,--exclude-libs,ALL -o $@ $^ -lssl -lcrypto

PROGRAMS += $(TLS_MODULE)
