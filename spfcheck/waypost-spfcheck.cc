// waypost-spfcheck: may this address send mail for this domain, and may every way out of the
// configuration? waypost-spfcheck(1).
//
// Privilege: none; runs as the caller. It asks DNS, and reads what names are looked up by; for the
// ways out it has read the snapshot and the addresses of this machine before.

#include <cstdio>

#include "lib/sys/confine.h"
#include "lib/sys/output.h"
#include "lib/sys/text.h"
#include "spfcheck/check_command.h"
#include "spfcheck/egress_command.h"

namespace {

// 53 also where others are named: /etc/resolv.conf cannot name a port.
std::vector<std::uint32_t> ports_of(const waypost::spfcheck::Arguments& arguments) {
  std::vector<std::uint32_t> ports{53};
  for (const std::string& resolver : arguments.resolvers)
    ports.push_back(waypost::spfcheck::resolver_port(resolver));
  return ports;
}

void confine(const waypost::spfcheck::Arguments& arguments) {
  waypost::confine({.may = waypost::May::network,
                    .read = {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf",
                             "/etc/host.conf", "/usr/share/publicsuffix"},
                    .connect = ports_of(arguments)});
}

int complain(const waypost::Error& error, const char* usage) {
  const std::string why = waypost::printable(error.text);
  std::fprintf(stderr, "waypost-spfcheck: %s\n%s", why.c_str(), usage);
  return error.code == 0 ? 100 : error.code;
}

int run_egress(waypost::spfcheck::Arguments& arguments) {
  auto question = waypost::spfcheck::read_question(arguments);
  if (!question) return complain(question.error(), "");
  confine(arguments);
  return waypost::spfcheck::run_egress(arguments, std::move(*question));
}

} // namespace

int main(int count, char** values) {
  using namespace waypost::spfcheck;
  waypost::Result<Arguments> arguments = parse_arguments(count, values);
  if (!arguments) return complain(arguments.error(), kUsage);
  if (arguments->help) {
    std::fputs(kUsage, stdout);
    return waypost::output_written("waypost-spfcheck") ? 0 : 111;
  }
  if (arguments->egress) return ::run_egress(*arguments);
  confine(*arguments);
  return arguments->filter ? run_filter(*arguments) : run_check(*arguments);
}
