// Question: a route query with its domains in normal form, so that rules compare bytes with bytes.
#pragma once

#include <string>
#include <vector>

#include "lib/mail/route_query.h"

namespace waypost::route {

struct Question {
  std::string account;
  std::string from; // the sender's domain in normal form; empty: there is none
  std::string to;   // the recipient's domain in normal form, or a literal; empty: there is none
  std::uint32_t attempt = 1;
  FailureClasses classes;
  std::vector<std::string> refused;
  std::string hand;
  FailureClass refusal = FailureClass::none;
  std::string local;     // the local part as given, where it was asked for
  bool expanded = false; // out of an alias: none is looked up

  [[nodiscard]] bool was_refused_by(std::string_view transport) const;
};

// A domain that has no normal form is taken in lower case: rules for a domain above it still hold
// for it, and it fails where it is looked up.
[[nodiscard]] Question question_of(const RouteQuery& query);

} // namespace waypost::route
