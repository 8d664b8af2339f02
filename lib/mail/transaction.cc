#include "lib/mail/transaction.h"

#include "lib/sys/text.h"

namespace waypost {
namespace {

// What all replies of a transaction may hold together, so that its record fits into the frames that
// carry it (kMaxJobFrame, kMaxHistoryPayload). 32 replies of the longest kind are kept whole.
constexpr std::size_t kAllReplies = std::size_t{2} << 20;

} // namespace

void append_outcome(Record& record, const Outcome& outcome, std::string_view reply) {
  record.add("outcome", name(outcome.disposition));
  record.add_some("class", name(outcome.klass));
  if (outcome.code != 0) record.add_number("code", static_cast<std::uint64_t>(outcome.code));
  record.add_some("status", outcome.status.text());
  record.add_some("reply", reply);
  if (!outcome.tried) record.add("tried", "0");
}

bool take_outcome_field(Outcome& outcome, const Record::Field& field) {
  if (field.key == "outcome") {
    const auto disposition = parse_disposition(field.value);
    outcome.disposition = disposition.value_or(Disposition::deferred);
    return disposition.has_value();
  }
  if (field.key == "class") {
    const auto klass = parse_failure_class(field.value);
    outcome.klass = klass.value_or(FailureClass::other);
    return klass.has_value();
  }
  if (field.key == "code") {
    const auto code = parse_number(field.value, 599);
    outcome.code = static_cast<int>(code.value_or(0));
    return code.has_value();
  }
  if (field.key == "status") {
    const auto status = EnhancedCode::parse(field.value);
    outcome.status = status.value_or(EnhancedCode{});
    return status.has_value();
  }
  if (field.key == "reply") outcome.reply = field.value;
  if (field.key == "tried") outcome.tried = field.value != "0";
  return true;
}

void append(Record& record, const Transaction& transaction) {
  record.add_some("host", transaction.host);
  record.add_some("address", transaction.address);
  record.add_some("tls", transaction.tls);
  record.add_some("first", transaction.first);
  for (const std::string& step : transaction.steps)
    record.add("step", step);
  for (const RecipientGroup& group : transaction.groups) {
    record.add("rcpt", group.recipients.text());
    append_outcome(record, group.outcome,
                   share_of_reply(group.outcome.reply, kAllReplies, transaction.groups.size()));
  }
}

Result<Transaction> decode_transaction(const Record& record) {
  Transaction transaction;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const Record::Field field = record.field(i);
    if (field.key == "rcpt") {
      const auto recipients = Ranges::parse(field.value);
      if (!recipients) return fail("transaction: bad recipients");
      transaction.groups.push_back({*recipients, {}});
    } else if (!transaction.groups.empty()) {
      if (!take_outcome_field(transaction.groups.back().outcome, field)) {
        return fail("transaction: bad " + std::string(field.key));
      }
    } else if (field.key == "host") {
      transaction.host = field.value;
    } else if (field.key == "address") {
      transaction.address = field.value;
    } else if (field.key == "tls") {
      transaction.tls = field.value;
    } else if (field.key == "first") {
      transaction.first = field.value;
    } else if (field.key == "step") {
      transaction.steps.emplace_back(field.value);
    }
  }
  return transaction;
}

} // namespace waypost
