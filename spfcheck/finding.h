// Finding: one thing that was looked at, and what it came to; and the report that they make up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "spfcheck/trace.h"

namespace waypost::spfcheck {

// From well to bad: the worst decides the exit status.
enum class Severity : std::uint8_t {
  fine,    // as it should be
  note,    // as it may be; somebody could want to know
  warning, // mail goes, and something should be done
  unknown, // cannot be checked with what the configuration says
  later,   // DNS did not answer
  wrong,   // mail is refused, or lands among the spam
};
[[nodiscard]] const char* name_of(Severity severity);

struct Finding {
  Severity severity = Severity::fine;
  std::string check;          // "spf", "record", "mx", "dmarc", "dkim", "helo", "reverse"
  std::string transport = {}; // empty: it is of no transport
  std::vector<std::string> routes = {};
  std::string subject = {};   // an address, a mechanism of a service, a selector, a HELO name
  std::string result = {};    // of SPF
  std::string mechanism = {}; // what matched, and in whose record
  std::string text = {};
  std::string add = {}; // the term that the record lacks
};

struct DomainReport {
  std::string domain;
  std::vector<Finding> findings;
  std::string record;     // its SPF record as it is; empty: none, or not one
  int lookups = -1;       // of the ten, at most; -1: not known
  std::string suggestion; // the record as it should be; empty: nothing to change, or no way to
};

struct EgressReport {
  std::vector<DomainReport> domains;
  std::vector<Finding> addresses; // of names and addresses that all domains share
};

[[nodiscard]] Severity worst(const EgressReport& report);
// 0 all is well; 1 warnings, or what cannot be checked; 111 DNS did not answer; 100 something is
// wrong.
[[nodiscard]] int exit_status(Severity severity);

} // namespace waypost::spfcheck
