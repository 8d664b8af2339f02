// Transaction: what one dialogue with one host made of some recipients of one message.
//
// Senders report it to the manager, the manager stores it in the history, `waypost why` prints it.
// In a record it is
//   host= address= tls= first= step=...
//   { rcpt=0-3,7 outcome= class= code= status= reply= tried=0 }...
// A step is a host that was tried before, or a fall-back, as a sentence; it may repeat. `rcpt`
// begins a group of recipients with one outcome.
#pragma once

#include <string>
#include <vector>

#include "lib/mail/outcome.h"
#include "lib/mail/ranges.h"
#include "lib/mail/record.h"

namespace waypost {

struct RecipientGroup {
  Ranges recipients;
  Outcome outcome;
  bool operator==(const RecipientGroup&) const = default;
};

struct Transaction {
  std::string host;    // the name that was connected to; empty when none was reached
  std::string address; // its address, without port
  std::string tls;     // "TLSv1.3 TLS_AES_256_GCM_SHA384 unverified [resumed]"; empty: clear text
  std::vector<std::string> steps;
  std::vector<RecipientGroup> groups;
  std::string first{}; // the address that was tried first, when none of them all would do
  bool operator==(const Transaction&) const = default;
};

// An outcome's fields, from outcome= to tried=; `reply` stands for the whole one where a record
// must be bounded.
void append_outcome(Record& record, const Outcome& outcome, std::string_view reply);
// Takes one field of an outcome; false when its value is not of its kind. Unknown keys are left to
// newer versions.
[[nodiscard]] bool take_outcome_field(Outcome& outcome, const Record::Field& field);

void append(Record& record, const Transaction& transaction);
// Takes the transaction's fields out of a record that may hold others before its first group.
[[nodiscard]] Result<Transaction> decode_transaction(const Record& record);

} // namespace waypost
