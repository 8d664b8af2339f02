#include "spfcheck/finding.h"

#include <algorithm>

namespace waypost::spfcheck {

const char* name_of(Severity severity) {
  switch (severity) {
  case Severity::fine: return "fine";
  case Severity::note: return "note";
  case Severity::warning: return "warning";
  case Severity::unknown: return "unknown";
  case Severity::later: return "later";
  case Severity::wrong: return "wrong";
  }
  return "";
}

Severity worst(const EgressReport& report) {
  Severity all = Severity::fine;
  for (const DomainReport& domain : report.domains) {
    for (const Finding& one : domain.findings)
      all = std::max(all, one.severity);
  }
  for (const Finding& one : report.addresses)
    all = std::max(all, one.severity);
  return all;
}

int exit_status(Severity severity) {
  switch (severity) {
  case Severity::fine:
  case Severity::note: return 0;
  case Severity::warning:
  case Severity::unknown: return 1;
  case Severity::later: return 111;
  case Severity::wrong: return 100;
  }
  return 111;
}

} // namespace waypost::spfcheck
