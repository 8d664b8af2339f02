#include "queue/commands/message_row.h"

#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

Result<MessageRow> message_fields(const Record& answer) {
  MessageRow row;
  row.id = answer.get("id");
  const auto arrived = parse_number(answer.get("arrived"), INT64_MAX);
  const auto size = parse_number(answer.get("size"));
  const auto uid = parse_number(answer.get("uid"));
  if (row.id.empty() || !arrived || !size || !uid)
    return fail("the queue manager's answer lacks a field of a message");
  row.arrived = static_cast<WallUs>(*arrived);
  row.size = *size;
  row.uid = *uid;
  row.sender = answer.get("sender");
  row.account = answer.get("account");
  row.held = answer.get("held") == "1";
  row.hand = answer.get("hand");
  row.notice = answer.get("notice");
  return row;
}

bool take_recipient_field(RecipientRow& one, const Record::Field& field) {
  if (field.key == "to") one.address = field.value;
  if (field.key == "state") one.state = field.value;
  if (field.key == "transport") one.transport = field.value;
  if (field.key == "class") one.klass = field.value;
  if (field.key == "reply") one.reply = field.value;
  if (field.key == "refused") one.refused.emplace_back(field.value);
  if (field.key == "classes") {
    const auto classes = FailureClasses::parse(field.value);
    one.classes = classes.value_or(FailureClasses());
    return classes.has_value();
  }
  if (field.key == "attempts") {
    const auto attempts = parse_number(field.value);
    one.attempts = attempts.value_or(0);
    return attempts.has_value();
  }
  if (field.key == "next") {
    const auto next = parse_number(field.value, INT64_MAX);
    if (next) one.next = static_cast<WallUs>(*next);
    return next.has_value();
  }
  return true;
}

Result<> append_recipients(std::vector<RecipientRow>& all, const Record& answer) {
  bool begun = false;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const Record::Field field = answer.field(i);
    if (field.key == "rcpt") {
      const auto number = parse_number(field.value, UINT32_MAX);
      const bool ascends = all.empty() || (number && *number > all.back().number);
      if (!number || !ascends) return fail("the queue manager's answer has a bad recipient");
      begun = true;
      all.emplace_back().number = static_cast<std::uint32_t>(*number);
    } else if (begun && !take_recipient_field(all.back(), field)) {
      return fail("the queue manager's answer has a bad " + std::string(field.key));
    }
  }
  return {};
}

} // namespace

Result<> RowCollector::take(const Record& answer) {
  Result<MessageRow> row = message_fields(answer);
  if (!row) return std::unexpected(row.error());
  if (!row_ || row_->id != row->id) {
    end();
    row_ = std::move(*row);
  }
  return append_recipients(row_->recipients, answer);
}

void RowCollector::end() {
  if (row_) each_(*row_);
  row_.reset();
}

} // namespace waypost::queue
