#include "lib/mail/sender_state.h"

#include <optional>

#include "lib/sys/text.h"

namespace waypost {
namespace {

std::optional<WallUs> time_of(std::string_view text) {
  const auto number = parse_number(text, INT64_MAX);
  if (!number) return std::nullopt;
  return static_cast<WallUs>(*number);
}

Result<> take_held_field(std::vector<HeldTransport>& held, const Record::Field& field) {
  if (field.key == "held") {
    if (field.value.empty()) return fail("senders: a held transport without a name");
    if (held.size() == kMostHeldTransports) return fail("senders: too many held transports");
    held.push_back({std::string(field.value), FailureClass::other});
    return {};
  }
  if (held.empty()) return {};
  if (field.key == "class") {
    const auto klass = parse_failure_class(field.value);
    if (!klass) return fail("senders: no such class: " + printable(field.value));
    held.back().klass = *klass;
  } else if (field.key == "reply") {
    held.back().reply = utf8_prefix(field.value, kMostHeldReply);
  } else if (field.key == "act") {
    held.back().act = utf8_prefix(field.value, kMostHeldReply);
  } else if (field.key == "since" || field.key == "probe") {
    const auto time = time_of(field.value);
    if (!time) return fail("senders: a time that is none: " + printable(field.value));
    (field.key == "since" ? held.back().since : held.back().probe) = *time;
  }
  return {};
}

} // namespace

Record to_record(const SenderState& state) {
  Record record;
  record.add("type", "senders").add_number("living", state.living);
  record.add_number("idle", state.idle).add_number("failing", state.failing);
  for (const HeldTransport& one : state.held) {
    record.add("held", one.transport).add_some("class", name(one.klass));
    record.add_some("reply", utf8_prefix(one.reply, kMostHeldReply));
    if (one.since > 0) record.add_number("since", static_cast<std::uint64_t>(one.since));
    if (one.probe > 0) record.add_number("probe", static_cast<std::uint64_t>(one.probe));
    record.add_some("act", utf8_prefix(one.act, kMostHeldReply));
  }
  return record;
}

Result<SenderState> sender_state(const Record& record) {
  SenderState state;
  const auto living = record.number("living");
  const auto idle = record.number("idle");
  const auto failing = record.number("failing");
  if (!living || !idle || !failing || *idle > *living)
    return fail("senders: a number is missing or does not fit");
  state.living = *living;
  state.idle = *idle;
  state.failing = *failing;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const Result<> taken = take_held_field(state.held, record.field(i));
    if (!taken) return std::unexpected(taken.error());
  }
  return state;
}

} // namespace waypost
