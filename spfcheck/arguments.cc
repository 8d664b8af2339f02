#include "spfcheck/arguments.h"

#include <getopt.h>
#include <unistd.h>

#include "lib/sys/text.h"

namespace waypost::spfcheck {
namespace {

constexpr std::uint16_t kDomainPort = 53;

enum Long : int { help = 256, filter, explain, json, resolver, timeout };

constexpr option kOptions[] = {{"help", no_argument, nullptr, help},
                               {"filter", no_argument, nullptr, filter},
                               {"explain", no_argument, nullptr, explain},
                               {"json", no_argument, nullptr, json},
                               {"resolver", required_argument, nullptr, resolver},
                               {"timeout", required_argument, nullptr, timeout},
                               {nullptr, 0, nullptr, 0}};

struct Endpoint {
  std::string_view host;
  std::string_view port; // empty: none is named
};

Endpoint endpoint_of(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find("]:");
    if (end != std::string_view::npos) return {text.substr(1, end - 1), text.substr(end + 2)};
    return {text.ends_with(']') ? text.substr(1, text.size() - 2) : text, {}};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos)
    return {text, {}}; // IPv4, or IPv6 without a port
  return {text.substr(0, colon), text.substr(colon + 1)};
}

Result<> take_option(int option, Arguments& arguments) {
  const std::string value = optarg == nullptr ? "" : optarg;
  switch (option) {
  case 'i':
    arguments.ip = net::IpAddress::parse(value);
    if (!arguments.ip) return fail("-i takes an IPv4 or IPv6 address");
    return {};
  case 'f': arguments.sender = value; return {};
  case 'h': arguments.helo = value; return {};
  case 'r': arguments.receiver = value; return {};
  case 'q': arguments.quiet = true; return {};
  case help: arguments.help = true; return {};
  case filter: arguments.filter = true; return {};
  case explain: arguments.explain = true; return {};
  case json: arguments.json = true; return {};
  case resolver:
    if (!is_resolver(value)) return fail("--resolver takes ADDRESS or ADDRESS:PORT");
    arguments.resolvers.push_back(value);
    return {};
  case timeout: {
    const auto seconds = parse_number(value, 3'600);
    if (!seconds || *seconds == 0) return fail("--timeout takes seconds, from 1 to 3600");
    arguments.timeout_ms = *seconds * 1'000;
    return {};
  }
  default: return fail("an unknown option, or one without what it takes");
  }
}

// One kind of question at a time.
Result<Arguments> checked(Arguments arguments) {
  const bool one = arguments.ip || arguments.sender || !arguments.helo.empty();
  if (arguments.help) return arguments;
  if (arguments.filter && (one || !arguments.domains.empty()))
    return fail("--filter takes its queries from standard input");
  if (arguments.filter && arguments.explain && !arguments.json)
    return fail("--explain for each line needs --json");
  arguments.egress = !one && !arguments.filter;
  if (arguments.egress && arguments.explain) return fail("--explain is for -i and --filter");
  if (arguments.quiet && !arguments.egress) return fail("-q is for DOMAIN, not for -i or --filter");
  if (arguments.filter || arguments.egress) return arguments;
  if (!arguments.ip) return fail("-i IP is missing");
  if (!arguments.domains.empty()) return fail("-i takes no operand");
  const bool null = !arguments.sender || arguments.sender->empty() || *arguments.sender == "<>";
  if (null && arguments.helo.empty()) return fail("-f SENDER or -h HELO is missing");
  return arguments;
}

std::string machine_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

} // namespace

bool is_resolver(const std::string& text) {
  const Endpoint endpoint = endpoint_of(text);
  const auto port = parse_number(endpoint.port, 65'535);
  const bool port_good = endpoint.port.empty() ? !text.ends_with(':') : port && *port > 0;
  return net::IpAddress::parse(endpoint.host) && port_good;
}

std::uint16_t resolver_port(const std::string& text) {
  const auto port = parse_number(endpoint_of(text).port, 65'535);
  return port ? static_cast<std::uint16_t>(*port) : kDomainPort;
}

Result<Arguments> parse_arguments(int count, char** values) {
  Arguments arguments;
  arguments.receiver = machine_name();
  opterr = 0;
  optind = 0; // anew, for tests
  for (;;) {
    const int option = ::getopt_long(count, values, "i:f:h:r:q", kOptions, nullptr);
    if (option == -1) break;
    const Result<> taken = take_option(option, arguments);
    if (!taken) return std::unexpected(taken.error());
  }
  arguments.domains.assign(values + optind, values + count);
  return checked(std::move(arguments));
}

} // namespace waypost::spfcheck
