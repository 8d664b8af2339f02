// How a submission went: the exit status of sysexits(3), and the words for a person.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/mail/address.h"
#include "lib/mail/outcome.h"

namespace waypost::submit {

// What is told when it is over; a status of 0: all is well.
struct Report {
  int status = 0;
  std::vector<std::string> lines; // each safe to print
};

// One recipient's failure. The table is in waypost-submit(1).
[[nodiscard]] int status_of(const Outcome& outcome);

// Of all failures: theirs where they agree; 75 where one of them may pass; else 69.
[[nodiscard]] int status_of_all(const std::vector<Outcome>& failures);

// "bob@example.test: 550 5.1.1 No such user (relay.test [10.77.0.30])"
[[nodiscard]] std::string failure_line(const Address& recipient, const Outcome& outcome,
                                       const std::string& host);

} // namespace waypost::submit
