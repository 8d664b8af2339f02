// OpenSSL costs a process a megabyte of memory as soon as it is linked, used or not. Most senders,
// and the template while no mail moves, never use it: so it lies in a module that is loaded when
// TLS begins. A program that has the implementation linked in uses that.

#include "lib/net/tls.h"

#include <dlfcn.h>

#include "lib/net/tls_openssl.h"
#include "lib/sys/home.h"

// Where nothing defines it, its address is null.
extern "C" waypost::net::TlsContext* waypost_open_tls(const waypost::net::TlsTrust& trust,
                                                      waypost::Error& why) __attribute__((weak));

namespace waypost::net {
namespace {

using OpenTls = decltype(&waypost_open_tls);

Result<OpenTls> load_module() {
  const std::string path = program_path("waypost-tls.so");
  void* const module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL); // stays until the end
  if (module == nullptr) return fail(std::string("TLS: ") + ::dlerror());
  void* const entry = ::dlsym(module, "waypost_open_tls");
  if (entry == nullptr) return fail(std::string("TLS: ") + ::dlerror());
  return reinterpret_cast<OpenTls>(entry);
}

} // namespace

Result<std::unique_ptr<TlsContext>> open_tls(const TlsTrust& trust) {
  OpenTls open = &waypost_open_tls;
  if (open == nullptr) {
    const Result<OpenTls> loaded = load_module();
    if (!loaded) return std::unexpected(loaded.error());
    open = *loaded;
  }
  Error why;
  std::unique_ptr<TlsContext> context(open(trust, why));
  if (!context) return std::unexpected(why);
  return context;
}

} // namespace waypost::net
