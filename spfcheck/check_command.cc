#include "spfcheck/check_command.h"

#include <cstdio>
#include <ctime>

#include "lib/net/dns.h"
#include "lib/net/loop.h"
#include "lib/sys/json.h"
#include "lib/sys/output.h"
#include "lib/sys/text.h"
#include "spfcheck/check_json.h"
#include "spfcheck/dns_resolver.h"
#include "spfcheck/explain.h"
#include "spfcheck/query_line.h"

namespace waypost::spfcheck {
namespace {

constexpr int kPermanent = 100;
constexpr int kTemporary = 111;

// A loop with DNS on it, and one check after another.
class Checker {
public:
  explicit Checker(const Arguments& arguments)
      : dns_(loop_, arguments.resolvers),
        timeout_ms_(arguments.timeout_ms),
        receiver_(arguments.receiver) {}

  // Each check has its own time, and its own answers: they may be minutes apart.
  CheckResult check(Query& query) {
    query.receiver = receiver_;
    query.time = static_cast<std::uint64_t>(std::time(nullptr));
    uv_update_time(loop_.uv());
    DnsResolver resolver(loop_, dns_, timeout_ms_);
    net::Task<CheckResult> task = check_host(resolver, query);
    task.start();
    loop_.run_until([&] { return task.done(); });
    return task.take();
  }

private:
  net::Loop loop_;
  net::Resolver dns_;
  std::uint64_t timeout_ms_;
  std::string receiver_;
};

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : printable(text);
}

// One line of the answer to one line.
std::string answer_line(Checker& checker, const Arguments& arguments, const QueryLine& line) {
  Query query = mail_from_query(line.ip, line.sender, line.helo);
  const CheckResult result = checker.check(query);
  if (arguments.json) return check_json(result, query, line.sender, arguments.explain);
  return std::string(name_of(result.result)) + " " + or_dash(result.mechanism) + " " +
         or_dash(result.record_domain);
}

std::string refusal_line(const Arguments& arguments, const Error& error) {
  if (!arguments.json) return "error " + printable(error.text);
  return JsonObject().text("error", error.text).str();
}

// False at the end of the input. Of a line that is too long only the beginning is kept.
bool read_line(std::string& line) {
  line.clear();
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c == '\n') return true;
    if (line.size() <= kMostOfLine) line += static_cast<char>(c);
  }
  return !line.empty();
}

} // namespace

int status_of(SpfResult result) {
  switch (result) {
  case SpfResult::pass: return 0;
  case SpfResult::fail: return 1;
  case SpfResult::softfail: return 2;
  case SpfResult::neutral: return 3;
  case SpfResult::none: return 4;
  case SpfResult::permerror: return kPermanent;
  case SpfResult::temperror: return kTemporary;
  }
  return kTemporary;
}

int run_check(const Arguments& arguments) {
  const std::string sender = arguments.sender.value_or("");
  Query query = mail_from_query(*arguments.ip, sender, arguments.helo);
  const CheckResult result = Checker(arguments).check(query);
  std::string text;
  if (arguments.json) {
    text = check_json(result, query, sender, arguments.explain) + "\n";
  } else {
    text = (arguments.explain ? tree_text(result) : "") + summary_text(result, query, sender);
  }
  std::fputs(text.c_str(), stdout);
  return output_written("waypost-spfcheck") ? status_of(result.result) : kTemporary;
}

int run_filter(const Arguments& arguments) {
  Checker checker(arguments);
  int status = 0;
  for (std::string line; read_line(line);) {
    const Result<QueryLine> query = parse_query_line(line);
    if (!query) status = kPermanent;
    const std::string answer =
        query ? answer_line(checker, arguments, *query) : refusal_line(arguments, query.error());
    std::puts(answer.c_str());
    if (!output_written("waypost-spfcheck")) return kTemporary;
  }
  return status;
}

} // namespace waypost::spfcheck
