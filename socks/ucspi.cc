#include "socks/ucspi.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>

#include "lib/sys/text.h"

namespace waypost::socks {
namespace {

constexpr int kRead = 6;
constexpr int kWrite = 7;

// Proxies that do not say where they connect from fill in zeros.
bool says_something(const Endpoint& bound) {
  return bound.kind != AddressKind::name && bound.host != "0.0.0.0" && bound.host != "::";
}

std::string port_text(const Endpoint& end) {
  return end.port == 0 ? std::string() : std::to_string(end.port);
}

} // namespace

Variables variables_of(const Endpoint& destination, const Endpoint& bound, const Endpoint& local) {
  const bool by_name = destination.kind == AddressKind::name;
  const Endpoint& ours = says_something(bound) ? bound : local;
  return {
      {"PROTO", "TCP"},
      // A name is looked up by the proxy: nobody here knows its address, and no other name of it.
      {"TCPREMOTEIP", by_name ? "" : destination.host},
      {"TCPREMOTEHOST", by_name ? ascii_lower(destination.host) : ""},
      {"TCPREMOTEPORT", port_text(destination)},
      {"TCPREMOTEINFO", ""},
      {"TCPLOCALIP", ours.host},
      {"TCPLOCALPORT", port_text(ours)},
      {"TCPLOCALHOST", ""},
  };
}

Endpoint local_end(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::getsockname(fd, any, &size) != 0 ||
      ::getnameinfo(any, size, host.data(), host.size(), port.data(), port.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {AddressKind::ipv4, "", 0};
  }
  const AddressKind kind = address.ss_family == AF_INET6 ? AddressKind::ipv6 : AddressKind::ipv4;
  return {kind, host.data(),
          static_cast<std::uint16_t>(parse_number(port.data(), 65535).value_or(0))};
}

Error become_program(Fd connection, const Variables& variables, char** program) {
  for (const auto& [name, value] : variables) {
    const bool set = !value.empty();
    if ((set ? ::setenv(name, value.c_str(), 1) : ::unsetenv(name)) != 0) {
      return fail_errno(name).error();
    }
  }
  // Out of the way of both, which it may be itself; it ends with exec.
  const Fd from(::fcntl(connection.get(), F_DUPFD_CLOEXEC, kWrite + 1));
  connection.reset();
  if (!from || ::dup2(from.get(), kRead) < 0 || ::dup2(from.get(), kWrite) < 0) {
    return fail_errno("descriptors 6 and 7").error();
  }
  ::execvp(program[0], program);
  return fail_errno("running " + printable(program[0])).error();
}

} // namespace waypost::socks
