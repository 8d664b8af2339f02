#include "deliver/confinement.h"

#include <cstdlib>

#include "lib/sys/home.h"
#include "lib/sys/text.h"

namespace waypost::deliver {
namespace {

constexpr std::uint32_t kDomain = 53;

// What c-ares and the host list read (resolv.conf(5), hosts(5)).
constexpr const char* kResolving[] = {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf",
                                      "/etc/host.conf"};
// Where distributions keep OpenSSL's configuration and the authorities that it trusts. Their
// folders hold links into the others.
constexpr const char* kAuthorities[] = {"/etc/ssl",
                                        "/usr/lib/ssl",
                                        "/etc/pki",
                                        "/etc/ca-certificates",
                                        "/usr/share/ca-certificates",
                                        "/usr/local/share/ca-certificates",
                                        "/usr/share/pki"};

void add_named(std::vector<std::string>& to, const std::string& path) {
  if (!path.empty()) to.push_back(path);
}

std::vector<std::string> files_of(const net::TlsTrust& trust) {
  std::vector<std::string> files{program_path("waypost-tls.so")};
  files.insert(files.end(), std::begin(kResolving), std::end(kResolving));
  files.insert(files.end(), std::begin(kAuthorities), std::end(kAuthorities));
  for (const char* variable : {"SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF"}) {
    const char* const value = std::getenv(variable); // SSL_CTX_set_default_verify_paths(3)
    if (value != nullptr) add_named(files, value);
  }
  for (const std::string* path : {&trust.ca, &trust.client_cert, &trust.client_key})
    add_named(files, *path);
  return files;
}

// Behind the last colon: "127.0.0.1:5300", "[::1]:5300"; many names have none.
void add_port(std::vector<std::uint32_t>& to, const std::string& name) {
  const auto port = parse_number(std::string_view(name).substr(name.rfind(':') + 1), 65'535);
  if (port && *port != 0) to.push_back(static_cast<std::uint32_t>(*port));
}

// That of the mail servers or of the proxy to them, and those of the resolvers.
std::vector<std::uint32_t> ports_of(const Start& start) {
  std::vector<std::uint32_t> ports{kDomain};
  if (start.transport.type == TransportType::socks) {
    add_port(ports, start.transport.proxy);
  } else {
    ports.push_back(start.transport.port);
  }
  for (const std::string& resolver : start.settings.resolvers)
    add_port(ports, resolver);
  return ports;
}

} // namespace

Promises promises_of_template() {
  return {.may = May::fork | May::network | May::modules, .read = {"/"}, .connect = {kAnyPort}};
}

Promises promises_of_template(const net::TlsTrust& trust) {
  return {.may = May::fork | May::network | May::modules,
          .read = files_of(trust),
          .connect = {kAnyPort}};
}

Promises promises_of_trial(const std::vector<const Transport*>& transports) {
  Promises promises{.may = May::network | May::modules, .connect = {kAnyPort}};
  for (const Transport* const one : transports) {
    const std::vector<std::string> files = files_of(trust_of(*one));
    promises.read.insert(promises.read.end(), files.begin(), files.end());
  }
  return promises;
}

Promises promises_of_sender(const Start& start, bool tls_loaded) {
  const bool will_load = !tls_loaded && start.transport.tls != TlsPolicy::off;
  return {.may = will_load ? May::network | May::modules : May::network,
          .read = files_of(trust_of(start.transport)),
          .connect = ports_of(start)};
}

} // namespace waypost::deliver
