#include "socks/login_source.h"

#include <array>
#include <cstdlib>
#include <unistd.h>

#include "lib/sys/fd.h"
#include "lib/sys/text.h"

namespace waypost::socks {
namespace {

constexpr std::size_t kMostBytes = 1024; // of two lines of 255 bytes

Result<std::string> read_all(int fd) {
  const Fd owned(fd);
  std::string text;
  std::array<char, kMostBytes> block;
  for (;;) {
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got == 0) return text;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("reading the login from descriptor " + std::to_string(fd));
    text.append(block.data(), static_cast<std::size_t>(got));
    if (text.size() > kMostBytes) return fail("the login is longer than two lines can be");
  }
}

Result<Login> from_descriptor(int fd) {
  const Result<std::string> text = read_all(fd);
  if (!text) return std::unexpected(text.error());
  std::string_view rest = *text;
  const std::string_view user = cut(rest, '\n');
  const std::string_view password = cut(rest, '\n');
  if (!rest.empty()) return fail("the login has more than two lines");
  return Login{std::string(user), std::string(password)};
}

std::optional<Login> from_environment() {
  const char* const user = ::getenv("SOCKS_USER");
  const char* const password = ::getenv("SOCKS_PASSWORD");
  std::optional<Login> login;
  if (user != nullptr || password != nullptr) {
    login = Login{user == nullptr ? "" : user, password == nullptr ? "" : password};
  }
  ::unsetenv("SOCKS_USER");
  ::unsetenv("SOCKS_PASSWORD");
  return login;
}

} // namespace

Result<std::optional<Login>> find_login(int fd) {
  std::optional<Login> login = from_environment();
  if (fd >= 0) {
    Result<Login> read = from_descriptor(fd);
    if (!read) return std::unexpected(read.error());
    login = std::move(*read);
  }
  if (!login) return login;
  const Result<> good = check(*login);
  if (!good) return std::unexpected(good.error());
  return login;
}

} // namespace waypost::socks
