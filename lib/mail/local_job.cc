#include "lib/mail/local_job.h"

#include "lib/sys/text.h"

namespace waypost {
namespace {

Result<Address> address_in(const Record& record, std::string_view key) {
  Result<Address> address = Address::parse(record.get(key));
  if (!address) return fail("local job: " + std::string(key) + ": " + address.error().text);
  return address;
}

} // namespace

Record to_record(const LocalJob& job) {
  Record record;
  record.add("type", "local").add_number("job", job.job).add("id", job.id);
  record.add("transport", job.transport).add("mailbox", job.mailbox);
  record.add("recipient", job.recipient.text()).add("sender", job.sender.text());
  record.add_number("length", job.length);
  return record;
}

Result<LocalJob> local_job(const Record& record) {
  if (record.get("type") != "local") return fail("local job: another type");
  LocalJob job;
  const auto number = record.number("job");
  const auto length = record.number("length");
  if (!number || !length) return fail("local job: no job or length");
  job.job = *number;
  job.length = *length;
  const auto id = MessageId::parse(record.get("id"));
  if (!id) return fail("local job: bad id");
  job.id = id->text();
  job.transport = record.get("transport");
  job.mailbox = record.get("mailbox");
  Result<Address> recipient = address_in(record, "recipient");
  Result<Address> sender = address_in(record, "sender");
  if (!recipient) return std::unexpected(recipient.error());
  if (!sender) return std::unexpected(sender.error());
  if (recipient->null()) return fail("local job: no recipient");
  job.recipient = std::move(*recipient);
  job.sender = std::move(*sender);
  return job;
}

Record to_record(const LocalResult& result) {
  Record record;
  record.add("type", "local").add_number("job", result.job);
  const std::string_view text = std::string_view(result.text).substr(0, kMaxLocalText);
  switch (result.kind) {
  case LocalResult::Kind::ended:
    record.add_number("ended", static_cast<std::uint64_t>(result.number)).add_some("text", text);
    break;
  case LocalResult::Kind::killed:
    record.add_number("killed", static_cast<std::uint64_t>(result.number)).add_some("text", text);
    break;
  case LocalResult::Kind::unknown: record.add("unknown", "1"); [[fallthrough]];
  case LocalResult::Kind::refused: record.add("refused", text); break;
  }
  return record;
}

Result<LocalResult> local_result(const Record& record) {
  const auto job = record.number("job");
  if (record.get("type") != "local" || !job) return fail("local result: bad type or job");
  LocalResult result;
  result.job = *job;
  if (record.has("refused")) {
    const bool unknown = record.get("unknown") == "1";
    result.kind = unknown ? LocalResult::Kind::unknown : LocalResult::Kind::refused;
    result.text = record.get("refused").substr(0, kMaxLocalText);
    return result;
  }
  const bool killed = record.has("killed");
  result.kind = killed ? LocalResult::Kind::killed : LocalResult::Kind::ended;
  const auto number = record.number(killed ? "killed" : "ended");
  if (!number || *number > 255) return fail("local result: bad status");
  result.number = static_cast<int>(*number);
  result.text = record.get("text").substr(0, kMaxLocalText);
  return result;
}

} // namespace waypost
