#include "socks/arguments.h"

#include <netdb.h>
#include <netinet/in.h>
#include <unistd.h>

#include "lib/sys/text.h"

namespace waypost::socks {
namespace {

// "10.9.0.1:1080", "proxy.example.org:1080", "[2001:db8::1]:1080"
Result<> take_proxy(std::string_view text, Arguments& arguments) {
  std::string_view port = text;
  std::string_view host = cut(port, text.starts_with('[') ? ']' : ':');
  if (text.starts_with('[')) {
    host.remove_prefix(1);
    if (!port.starts_with(':')) return fail("PROXY has no port behind its ]");
    port.remove_prefix(1);
  }
  const auto number = parse_number(port, 65535);
  if (host.empty() || !number || *number == 0) {
    return fail("PROXY is not HOST:PORT or [ADDRESS]:PORT");
  }
  arguments.proxy = host;
  arguments.proxy_port = port;
  return {};
}

// A number, or a name of services(5).
Result<std::uint16_t> port_of(const char* text) {
  const auto number = parse_number(text, 65535);
  if (number && *number > 0) return static_cast<std::uint16_t>(*number);
  const servent* const known = number ? nullptr : ::getservbyname(text, "tcp");
  if (known == nullptr) return fail("PORT is neither a number from 1 to 65535 nor a service");
  return ntohs(static_cast<std::uint16_t>(known->s_port));
}

Result<> take_option(int option, Arguments& arguments) {
  switch (option) {
  case '4': arguments.family = AF_INET; return {};
  case '6': arguments.family = AF_INET6; return {};
  case 'T': {
    const auto seconds = parse_number(optarg, 86'400);
    if (!seconds || *seconds == 0) return fail("-T takes a number of seconds, from 1 to 86400");
    arguments.timeout_s = static_cast<unsigned>(*seconds);
    return {};
  }
  case 'l': {
    const auto fd = parse_number(optarg, 65'535);
    if (!fd) return fail("-l takes the number of a descriptor");
    arguments.login_fd = static_cast<int>(*fd);
    return {};
  }
  default: return fail("an unknown option, or one without what it takes");
  }
}

} // namespace

Result<Arguments> parse_arguments(int count, char** values) {
  Arguments arguments;
  ::opterr = 0;
  ::optind = 0; // anew, for tests
  // The options of PROGRAM are not ours.
  for (int option = 0; (option = ::getopt(count, values, "+46T:l:")) != -1;) {
    const Result<> taken = take_option(option, arguments);
    if (!taken) return std::unexpected(taken.error());
  }
  if (count - ::optind < 4) return fail("PROXY, HOST, PORT and PROGRAM are needed");
  char** const words = values + ::optind;
  const Result<> proxy = take_proxy(words[0], arguments);
  if (!proxy) return std::unexpected(proxy.error());
  const Result<std::uint16_t> port = port_of(words[2]);
  if (!port) return std::unexpected(port.error());
  Result<Endpoint> to = endpoint(words[1], *port);
  if (!to) return fail("HOST: " + to.error().text);
  arguments.destination = std::move(*to);
  arguments.program = words + 3;
  return arguments;
}

} // namespace waypost::socks
