#include "lib/mail/job.h"

#include "lib/mail/record_bytes.h"
#include "lib/mail/transcript.h"
#include "lib/sys/text.h"

namespace waypost {
namespace {

void append_sender(Record& record, const EnvelopeSender& sender) {
  record.add("sender", sender.sender.text());
  if (sender.ret != DsnReturn::unset)
    record.add("ret", sender.ret == DsnReturn::full ? "FULL" : "HDRS");
  record.add_some("envid", sender.envid);
  if (sender.body != BodyType::unknown) {
    record.add("body", sender.body == BodyType::seven_bit ? "7BIT" : "8BITMIME");
  }
  if (sender.utf8) record.add("utf8", "1");
}

Result<EnvelopeSender> sender_of(const Record& record) {
  EnvelopeSender sender;
  Result<Address> address = Address::parse(record.get("sender"));
  if (!address) return std::unexpected(address.error());
  sender.sender = std::move(*address);
  const std::string_view ret = record.get("ret");
  if (!ret.empty()) sender.ret = ret == "FULL" ? DsnReturn::full : DsnReturn::headers;
  sender.envid = record.get("envid");
  const std::string_view body = record.get("body");
  if (!body.empty()) sender.body = body == "7BIT" ? BodyType::seven_bit : BodyType::eight_bit_mime;
  sender.utf8 = record.get("utf8") == "1";
  return sender;
}

// One field of a recipient's group: rcpt (number) begins it, then to, notify, orcpt.
Result<> take_recipient_field(std::vector<JobRecipient>& all, const Record::Field& field,
                              std::optional<std::uint64_t> number) {
  if (field.key == "rcpt") {
    if (!number || *number >= UINT32_MAX) return fail("job: bad recipient number");
    all.push_back({static_cast<std::uint32_t>(*number), {}});
    return {};
  }
  if (all.empty()) return {};
  EnvelopeRecipient& one = all.back().recipient;
  if (field.key == "to") {
    Result<Address> address = Address::parse(field.value);
    if (!address) return std::unexpected(address.error());
    one.address = std::move(*address);
  } else if (field.key == "notify") {
    const auto notify = Notify::parse(field.value);
    if (!notify) return fail("job: bad notify");
    one.notify = *notify;
  } else if (field.key == "orcpt") {
    one.orcpt = field.value;
  }
  return {};
}

} // namespace

Record to_record(const Job& job) {
  Record record;
  record.add("type", "job").add_number("job", job.job).add_number("generation", job.generation);
  record.add("id", job.id).add_some("account", job.account);
  record.add("transport", job.transport).add("destination", job.destination);
  record.add_number("attempt", job.attempt);
  if (job.kick != 0) record.add_number("kick", job.kick);
  append_sender(record, job.sender);
  record.add_number("offset", job.offset).add_number("length", job.length);
  if (job.eight_bit) record.add("eight_bit", "1");
  if (job.skip != 0) record.add_number("skip", job.skip).add("headers", record_value(job.headers));
  record.add_some("signature", record_value(job.signature))
      .add_some("prefer", job.prefer)
      .add_some("avoid", job.avoid);
  for (const JobRecipient& one : job.recipients) {
    record.add_number("rcpt", one.number).add("to", one.recipient.address.text());
    record.add_some("notify", one.recipient.notify.text()).add_some("orcpt", one.recipient.orcpt);
  }
  return record;
}

Result<Job> job_of(const Record& record) {
  Job job;
  const auto required = [&](std::string_view key) {
    return record.number(key).value_or(UINT64_MAX);
  };
  job.job = required("job");
  job.generation = required("generation");
  job.offset = required("offset");
  job.length = required("length");
  const std::uint64_t attempt = required("attempt");
  job.skip = record.number("skip").value_or(0);
  job.kick = record.number("kick").value_or(0);
  const bool whole = job.job != UINT64_MAX && job.generation != UINT64_MAX &&
                     job.offset != UINT64_MAX && job.length != UINT64_MAX &&
                     attempt <= UINT32_MAX && job.skip <= job.length;
  if (!whole) return fail("job: a number is missing or out of range");
  job.attempt = static_cast<std::uint32_t>(attempt);
  job.id = record.get("id");
  job.account = record.get("account");
  job.transport = record.get("transport");
  job.destination = record.get("destination");
  Result<EnvelopeSender> sender = sender_of(record);
  if (!sender) return std::unexpected(sender.error());
  job.sender = std::move(*sender);
  job.eight_bit = record.get("eight_bit") == "1";
  job.headers = bytes_of_value(record.get("headers"));
  job.signature = bytes_of_value(record.get("signature"));
  job.prefer = record.get("prefer");
  job.avoid = record.get("avoid");
  for (std::size_t i = 0; i < record.size(); ++i) {
    const Record::Field field = record.field(i);
    const auto number = field.key == "rcpt" ? parse_number(field.value) : std::nullopt;
    const Result<> taken = take_recipient_field(job.recipients, field, number);
    if (!taken) return std::unexpected(taken.error());
  }
  if (job.recipients.empty()) return fail("job: no recipients");
  return job;
}

Record to_record(const JobResult& result) {
  Record record;
  record.add("type", "result").add_number("job", result.job);
  if (result.end) record.add("end", "1");
  record.add_some("transcript", std::string_view(result.transcript).substr(0, kMaxTranscript));
  append(record, result.transaction);
  return record;
}

Result<JobResult> job_result(const Record& record) {
  JobResult result;
  const auto job = record.number("job");
  if (!job) return fail("result: no job");
  result.job = *job;
  result.end = record.get("end") == "1";
  result.transcript = record.get("transcript").substr(0, kMaxTranscript);
  Result<Transaction> transaction = decode_transaction(record);
  if (!transaction) return std::unexpected(transaction.error());
  result.transaction = std::move(*transaction);
  return result;
}

} // namespace waypost
