#include "spfcheck/egress_command.h"

#include <cstdio>

#include "lib/mail/idna.h"
#include "lib/net/dns.h"
#include "lib/net/loop.h"
#include "lib/sys/home.h"
#include "lib/sys/output.h"
#include "lib/sys/text.h"
#include "spfcheck/dns_resolver.h"
#include "spfcheck/egress_output.h"
#include "spfcheck/names.h"
#include "spfcheck/ways_out.h"

namespace waypost::spfcheck {
namespace {

constexpr int kPermanent = 100;
constexpr int kTemporary = 111;

std::unexpected<Error> refusal(int status, std::string text) {
  return std::unexpected(Error{status, std::move(text)});
}

Result<std::vector<std::string>> normal_domains(const std::vector<std::string>& texts) {
  std::vector<std::string> domains;
  for (const std::string& text : texts) {
    Result<std::string> domain = normal_domain(text);
    if (!domain || !is_checkable(*domain))
      return refusal(kPermanent, text + " is no domain that mail could come from");
    domains.push_back(std::move(*domain));
  }
  return domains;
}

} // namespace

Result<EgressQuestion> read_question(Arguments& arguments) {
  const Result<std::vector<std::string>> named = normal_domains(arguments.domains);
  if (!named) return std::unexpected(named.error());
  const std::string path = find_home().snapshot();
  Result<Snapshot> snapshot = read_snapshot(path);
  if (!snapshot) {
    return refusal(kTemporary, snapshot.error().code == ENOENT
                                   ? path + " does not exist; waypost-config compile makes it"
                                   : snapshot.error().text);
  }
  if (arguments.resolvers.empty()) arguments.resolvers = snapshot->settings.resolvers;
  EgressQuestion question;
  question.domains = named->empty() ? sender_domains(*snapshot) : *named;
  question.snapshot = std::move(*snapshot);
  question.interfaces = net::interface_addresses();
  return question;
}

int run_egress(const Arguments& arguments, EgressQuestion question) {
  net::Loop loop;
  net::Resolver dns(loop, arguments.resolvers);
  DnsResolver resolver(loop, dns, arguments.timeout_ms);
  question.begin = [&] {
    uv_update_time(loop.uv());
    resolver.begin();
  };
  net::Task<EgressReport> task = check_egress(resolver, std::move(question));
  task.start();
  loop.run_until([&] { return task.done(); });
  const EgressReport report = task.take();
  const std::string text =
      arguments.json ? egress_json(report, arguments.quiet) : egress_text(report, arguments.quiet);
  std::fputs(text.c_str(), stdout);
  return output_written("waypost-spfcheck") ? exit_status(worst(report)) : kTemporary;
}

} // namespace waypost::spfcheck
