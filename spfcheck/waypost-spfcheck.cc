// waypost-spfcheck: may this address send mail for this domain? waypost-spfcheck(1).
//
// Privilege: none; runs as the caller. It asks DNS, and reads what names are looked up by.

#include <cstdio>

#include "lib/sys/confine.h"
#include "lib/sys/text.h"
#include "spfcheck/check_command.h"

namespace {

// 53 also where others are named: /etc/resolv.conf cannot name a port.
std::vector<std::uint32_t> ports_of(const waypost::spfcheck::Arguments& arguments) {
  std::vector<std::uint32_t> ports{53};
  for (const std::string& resolver : arguments.resolvers)
    ports.push_back(waypost::spfcheck::resolver_port(resolver));
  return ports;
}

} // namespace

int main(int count, char** values) {
  using namespace waypost::spfcheck;
  const waypost::Result<Arguments> arguments = parse_arguments(count, values);
  if (!arguments) {
    const std::string why = waypost::printable(arguments.error().text);
    std::fprintf(stderr, "waypost-spfcheck: %s\n%s", why.c_str(), kUsage);
    return 100;
  }
  if (arguments->help) return std::fputs(kUsage, stdout) < 0 ? 111 : 0;
  waypost::confine(
      {.may = waypost::May::network,
       .read = {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf"},
       .connect = ports_of(*arguments)});
  return arguments->filter ? run_filter(*arguments) : run_check(*arguments);
}
