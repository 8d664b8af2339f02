#include "lib/mail/notice_request.h"

#include <algorithm>

#include "lib/mail/message_id.h"
#include "lib/mail/transaction.h"
#include "lib/sys/names.h"
#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr Names<NoticeKind, 4> kKinds{{
    {NoticeKind::failure, "failure"},
    {NoticeKind::delay, "delay"},
    {NoticeKind::success, "success"},
    {NoticeKind::relayed, "relayed"},
}};

void append_recipient(Record& record, std::size_t number, const NoticeRecipient& one,
                      std::size_t recipients) {
  record.add_number("rcpt", number).add("to", one.recipient.address.text());
  record.add_some("notify", one.recipient.notify.text()).add_some("orcpt", one.recipient.orcpt);
  if (one.attempted > 0) record.add_number("attempted", static_cast<std::uint64_t>(one.attempted));
  record.add_some("transport", one.transport).add_some("host", one.host);
  record.add_some("address", one.address);
  append_outcome(record, one.outcome,
                 share_of_reply(one.outcome.reply, kAllNoticeReplies, recipients));
}

// A time of the record; 0 when it is absent, none when it is not a time.
std::optional<WallUs> time_of(std::string_view text) {
  if (text.empty()) return 0;
  const auto number = parse_number(text, INT64_MAX);
  if (!number) return std::nullopt;
  return static_cast<WallUs>(*number);
}

// False when the value is not of its kind. Unknown keys are left to newer versions.
bool take_recipient_field(NoticeRecipient& one, const Record::Field& field) {
  if (field.key == "to") {
    Result<Address> address = Address::parse(field.value);
    if (!address || address->null()) return false;
    one.recipient.address = std::move(*address);
  } else if (field.key == "notify") {
    const auto notify = Notify::parse(field.value);
    if (!notify) return false;
    one.recipient.notify = *notify;
  } else if (field.key == "orcpt") {
    one.recipient.orcpt = field.value;
  } else if (field.key == "attempted") {
    const auto time = time_of(field.value);
    if (!time) return false;
    one.attempted = *time;
  } else if (field.key == "transport") {
    one.transport = field.value;
  } else if (field.key == "host") {
    one.host = field.value;
  } else if (field.key == "address") {
    one.address = field.value;
  } else {
    return take_outcome_field(one.outcome, field);
  }
  return true;
}

bool take_time(WallUs& time, std::string_view value) {
  const auto read = time_of(value);
  time = read.value_or(0);
  return read.has_value();
}

// The fields before the first recipient.
bool take_message_field(NoticeRequest& request, const Record::Field& field) {
  if (field.key == "kind") {
    const auto kind = parse_notice_kind(field.value);
    request.kind = kind.value_or(NoticeKind::failure);
    return kind.has_value();
  }
  if (field.key == "id" || field.key == "name") {
    (field.key == "id" ? request.id : request.name) = field.value;
    return MessageId::parse(field.value).has_value();
  }
  if (field.key == "hostname") {
    request.hostname = field.value;
    return Domain::parse(field.value).has_value();
  }
  if (field.key == "sender") {
    const Result<Address> address = Address::parse(field.value);
    request.to = field.value;
    return address.has_value() && !address->null();
  }
  if (field.key == "postmaster") {
    request.postmaster = field.value;
    return Address::parse(field.value).has_value();
  }
  if (field.key == "unlisted") {
    const auto number = parse_number(field.value);
    request.unlisted = number.value_or(0);
    return number.has_value();
  }
  if (field.key == "arrival") return take_time(request.arrival, field.value);
  if (field.key == "expires") return take_time(request.expires, field.value);
  if (field.key == "now") return take_time(request.now, field.value);
  if (field.key == "envid") request.envid = field.value;
  if (field.key == "utf8") request.utf8 = field.value == "1";
  if (field.key == "full") request.full = field.value == "1";
  if (field.key == "lost") request.lost = field.value == "1";
  return true;
}

} // namespace

std::size_t notice_weight(const EnvelopeRecipient& recipient) {
  // A byte beyond ASCII becomes four where it must be shown as \xNN, three in quoted-printable.
  constexpr std::size_t kShown = 4;
  const std::string& address = recipient.address.text();
  return address.size() * (recipient.address.ascii() ? 1 : kShown) + recipient.orcpt.size();
}

std::string_view name(NoticeKind wanted) {
  return word_of(kKinds, wanted);
}

std::optional<NoticeKind> parse_notice_kind(std::string_view wanted) {
  return value_of(kKinds, wanted);
}

Record to_record(const NoticeRequest& request) {
  Record record;
  record.add("type", "notice").add("kind", name(request.kind)).add("id", request.id);
  record.add_some("name", request.name).add("hostname", request.hostname);
  record.add("sender", request.to).add_some("postmaster", request.postmaster);
  const auto add_time = [&](std::string_view key, WallUs time) {
    if (time > 0) record.add_number(key, static_cast<std::uint64_t>(time));
  };
  add_time("arrival", request.arrival);
  add_time("expires", request.expires);
  add_time("now", request.now);
  record.add_some("envid", request.envid);
  if (request.utf8) record.add("utf8", "1");
  if (request.full) record.add("full", "1");
  if (request.lost) record.add("lost", "1");
  if (request.unlisted > 0) record.add_number("unlisted", request.unlisted);
  record.add_number("bytes", request.original.size());
  for (std::size_t i = 0; i < request.recipients.size(); ++i)
    append_recipient(record, i, request.recipients[i], request.recipients.size());
  return record;
}

Result<NoticeRequest> notice_request(const Record& record) {
  NoticeRequest request;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const Record::Field field = record.field(i);
    bool good = true;
    if (field.key == "rcpt") {
      request.recipients.emplace_back();
    } else if (request.recipients.empty()) {
      good = take_message_field(request, field);
    } else {
      good = take_recipient_field(request.recipients.back(), field);
    }
    if (!good) return fail("notice request: bad " + std::string(field.key));
  }
  const auto named = [](const NoticeRecipient& one) { return !one.recipient.address.null(); };
  if (!record.has("kind")) return fail("notice request: no kind");
  if (request.id.empty() || request.hostname.empty() || request.to.empty())
    return fail("notice request: id, hostname or sender is missing");
  if (request.recipients.empty() || !std::ranges::all_of(request.recipients, named))
    return fail("notice request: no recipients, or one without an address");
  return request;
}

} // namespace waypost
