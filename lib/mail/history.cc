#include "lib/mail/history.h"

#include <cstdio>

#include "lib/mail/record_bytes.h"
#include "lib/sys/crc32c.h"
#include "lib/sys/names.h"
#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr Names<HistoryKind, 9> kKinds{{
    {HistoryKind::attempt, "attempt"},
    {HistoryKind::hold, "hold"},
    {HistoryKind::release, "release"},
    {HistoryKind::hand, "hand"},
    {HistoryKind::requeue, "requeue"},
    {HistoryKind::notice, "notice"},
    {HistoryKind::overlay, "overlay"},
    {HistoryKind::bounce, "bounce"},
    {HistoryKind::drop, "drop"},
}};

constexpr std::size_t kSumDigits = 8;
constexpr std::size_t kMaxLengthDigits = 8;

std::string hex8(std::uint32_t value) {
  char text[kSumDigits + 1];
  std::snprintf(text, sizeof text, "%08x", value);
  return text;
}

constexpr Names<Overlay::Part, 3> kParts{{
    {Overlay::Part::headers, "headers"},
    {Overlay::Part::signature, "signature"},
    {Overlay::Part::sender, "sender"},
}};

Result<Overlay> overlay_of(const Record& record) {
  const auto part = value_of(kParts, record.get("part"));
  if (!part) return fail("history: bad overlay");
  Overlay overlay;
  overlay.part = *part;
  overlay.skip = record.number("skip").value_or(0);
  overlay.bytes = bytes_of_value(record.get("data"));
  return overlay;
}

} // namespace

Record to_record(const HistoryEntry& entry) {
  Record record;
  record.add("kind", word_of(kKinds, entry.kind));
  record.add_number("time", static_cast<std::uint64_t>(entry.time));
  if (entry.attempt != 0) record.add_number("attempt", entry.attempt);
  record.add_some("transport", entry.transport);
  record.add_some("rule", entry.rule);
  record.add_some("name", entry.name);
  record.add_some("by", entry.by);
  if (entry.kind == HistoryKind::overlay) {
    record.add("part", word_of(kParts, entry.overlay.part));
    record.add_number("skip", entry.overlay.skip);
    record.add("data", record_value(entry.overlay.bytes));
  }
  append(record, entry.transaction);
  return record;
}

Result<HistoryEntry> history_entry(const Record& record) {
  HistoryEntry entry;
  const auto kind = value_of(kKinds, record.get("kind"));
  const auto time = record.number("time");
  if (!kind || !time || *time > INT64_MAX) return fail("history: bad kind or time");
  entry.kind = *kind;
  entry.time = static_cast<WallUs>(*time);
  const auto attempt = record.has("attempt") ? record.number("attempt") : 0;
  if (!attempt || *attempt > UINT32_MAX) return fail("history: bad attempt");
  entry.attempt = static_cast<std::uint32_t>(*attempt);
  entry.transport = record.get("transport");
  entry.rule = record.get("rule");
  entry.name = record.get("name");
  entry.by = record.get("by");
  if (entry.kind == HistoryKind::overlay) {
    Result<Overlay> overlay = overlay_of(record);
    if (!overlay) return std::unexpected(overlay.error());
    entry.overlay = std::move(*overlay);
  }
  Result<Transaction> transaction = decode_transaction(record);
  if (!transaction) return std::unexpected(transaction.error());
  entry.transaction = std::move(*transaction);
  return entry;
}

std::string frame_history(const HistoryEntry& entry) {
  const Record record = to_record(entry);
  const std::string& payload = record.encode();
  std::string out = hex8(crc32c(payload));
  out += ' ';
  out += std::to_string(payload.size());
  out += ' ';
  out += payload;
  out += '\n';
  return out;
}

std::optional<HistoryEntry> take_history(std::string_view& rest) {
  if (rest.size() < kSumDigits + 1 || rest[kSumDigits] != ' ') return std::nullopt;
  const std::string_view sum = rest.substr(0, kSumDigits);
  const std::string_view after = rest.substr(kSumDigits + 1);
  const std::size_t space = after.substr(0, kMaxLengthDigits + 1).find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto length = parse_number(after.substr(0, space), kMaxHistoryPayload);
  if (!length || after.size() < space + 1 + *length + 1) return std::nullopt;
  const std::string_view payload = after.substr(space + 1, *length);
  if (after[space + 1 + *length] != '\n' || hex8(crc32c(payload)) != sum) return std::nullopt;
  const Result<Record> record = Record::decode(payload);
  if (!record) return std::nullopt;
  Result<HistoryEntry> entry = history_entry(*record);
  if (!entry) return std::nullopt;
  rest = after.substr(space + 1 + *length + 1);
  return std::move(*entry);
}

} // namespace waypost
