#include "deliver/sender_records.h"

#include "lib/mail/transaction.h"

namespace waypost::deliver {

Record down_record(const Outcome& outcome) {
  Record record;
  record.add("type", "down");
  append_outcome(record, outcome, outcome.reply);
  return record;
}

std::optional<Outcome> down_outcome(const Record& record) {
  Outcome outcome;
  for (std::size_t i = 0; i < record.size(); ++i) {
    if (!take_outcome_field(outcome, record.field(i))) return std::nullopt;
  }
  if (outcome.disposition != Disposition::deferred) return std::nullopt;
  return outcome;
}

} // namespace waypost::deliver
