#include "submit/report.h"

#include <algorithm>
#include <sysexits.h>

#include "deliver/attempt.h"
#include "lib/sys/text.h"

namespace waypost::submit {
int status_of(const Outcome& outcome) {
  switch (outcome.klass) {
  case FailureClass::auth: return EX_NOPERM;
  case FailureClass::tls: return EX_PROTOCOL;
  case FailureClass::dns: return EX_NOHOST;
  case FailureClass::none:
  case FailureClass::blocked:
  case FailureClass::greylisted:
  case FailureClass::rate:
  case FailureClass::unreachable:
  case FailureClass::mailbox:
  case FailureClass::content:
  case FailureClass::other: break;
  }
  if (outcome.disposition == Disposition::deferred) return EX_TEMPFAIL;
  if (outcome.klass == FailureClass::mailbox) return EX_NOUSER;
  return outcome.klass == FailureClass::content ? EX_DATAERR : EX_UNAVAILABLE;
}

int status_of_all(const std::vector<Outcome>& failures) {
  if (failures.empty()) return EX_OK;
  const int first = status_of(failures.front());
  const auto same = [first](const Outcome& one) { return status_of(one) == first; };
  if (std::ranges::all_of(failures, same)) return first;
  const auto passing = [](const Outcome& one) { return one.disposition == Disposition::deferred; };
  return std::ranges::any_of(failures, passing) ? EX_TEMPFAIL : EX_UNAVAILABLE;
}

std::string failure_line(const Address& recipient, const Outcome& outcome,
                         const std::string& host) {
  std::string line = recipient.text() + ": " + deliver::in_one_line(outcome);
  if (!host.empty()) line += " (" + host + ")";
  return printable(line);
}

} // namespace waypost::submit
