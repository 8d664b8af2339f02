#include "smtpd/listeners.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <sys/socket.h>

#include "lib/sys/text.h"

namespace waypost::smtpd {
namespace {

constexpr int kFirstPassed = 3; // SD_LISTEN_FDS_START
constexpr std::uint64_t kMostPassed = 64;
constexpr int kBacklog = 128;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

std::optional<SocketAddress> parse(std::string_view text) {
  constexpr std::uint64_t kMostPort = 65'535;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_number(text.substr(colon + 1), kMostPort);
  if (!port) return std::nullopt;
  std::string host(text.substr(0, colon));
  const in_port_t wire_port = htons(static_cast<std::uint16_t>(*port));
  SocketAddress address;
  if (host.starts_with('[') && host.ends_with(']')) {
    auto& six = reinterpret_cast<sockaddr_in6&>(address.storage);
    six.sin6_family = AF_INET6;
    six.sin6_port = wire_port;
    address.size = sizeof six;
    host = host.substr(1, host.size() - 2);
    if (::inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) == 1) return address;
    return std::nullopt;
  }
  auto& four = reinterpret_cast<sockaddr_in&>(address.storage);
  four.sin_family = AF_INET;
  four.sin_port = wire_port;
  address.size = sizeof four;
  if (::inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1) return address;
  return std::nullopt;
}

Result<Fd> listen_at(const std::string& text) {
  const std::optional<SocketAddress> address = parse(text);
  if (!address) return fail("no address to listen at: " + printable(text));
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address->storage);
  Fd fd(::socket(generic->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("socket");
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); // a restart need not wait
  if (generic->sa_family == AF_INET6)
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(fd.get(), generic, address->size) != 0 || ::listen(fd.get(), kBacklog) != 0)
    return fail_errno("listen at " + text);
  return fd;
}

std::optional<std::uint64_t> number_in(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  return parse_number(text, UINT32_MAX);
}

void add_passed(std::vector<Fd>& to) {
  if (number_in("LISTEN_PID") != static_cast<std::uint64_t>(::getpid())) return;
  const std::uint64_t count = std::min(number_in("LISTEN_FDS").value_or(0), kMostPassed);
  for (int fd = kFirstPassed; fd < kFirstPassed + static_cast<int>(count); ++fd)
    if (is_listener(fd)) to.emplace_back(fd);
}

} // namespace

Result<std::vector<Fd>> find_listeners(const std::vector<std::string>& addresses) {
  std::vector<Fd> all;
  add_passed(all);
  if (is_listener(STDIN_FILENO)) {
    all.emplace_back(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, kFirstPassed));
    const Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!all.back() || !nothing || ::dup2(nothing.get(), STDIN_FILENO) < 0)
      return fail_errno("standard input");
  }
  for (const std::string& address : addresses) {
    Result<Fd> listener = listen_at(address);
    if (!listener) return std::unexpected(listener.error());
    all.push_back(std::move(*listener));
  }
  for (const Fd& one : all) {
    const int flags = ::fcntl(one.get(), F_GETFL);
    if (flags < 0 || ::fcntl(one.get(), F_SETFL, flags | O_NONBLOCK) != 0 ||
        ::fcntl(one.get(), F_SETFD, FD_CLOEXEC) != 0)
      return fail_errno("a listening socket");
  }
  return all;
}

bool is_listener(int fd) {
  int yes = 0;
  socklen_t size = sizeof yes;
  return ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &size) == 0 && yes != 0;
}

bool valid_listen_address(std::string_view text) {
  return parse(text).has_value();
}

} // namespace waypost::smtpd
