#include "queue/manager/settlement.h"

#include <algorithm>

namespace waypost::queue {
namespace {

std::string duration(std::uint64_t seconds) {
  if (seconds >= 2 * 86'400) return std::to_string(seconds / 86'400) + " days";
  if (seconds >= 2 * 3'600) return std::to_string(seconds / 3'600) + " hours";
  if (seconds >= 2 * 60) return std::to_string(seconds / 60) + " minutes";
  return std::to_string(seconds) + " seconds";
}

Settlement failure(Outcome outcome, const Notify& notify, Reporting reporting) {
  outcome.disposition = Disposition::failed;
  // RFC 3461 4.1: NEVER, or a list without FAILURE, asks for silence.
  const bool wanted = !notify.given || notify.failure;
  const bool told = wanted && reporting != Reporting::nobody;
  return {std::move(outcome), told ? Mark::failed : Mark::reported, false};
}

Outcome expired(const Outcome& last, std::uint64_t after_s) {
  Outcome outcome = last;
  outcome.status = {4, 4, 7}; // RFC 3463 3.5: delivery time expired
  // The words of the last attempt stay: they are the server's, and say why.
  if (last.reply.empty()) outcome.reply = "not delivered within " + duration(after_s);
  return outcome;
}

} // namespace

bool is_notice(const MessageId& id) {
  return noticed(id).has_value();
}

bool is_child(const MessageId& id) {
  const std::size_t dot = id.text().rfind('.');
  return dot != std::string::npos && id.text()[dot + 1] == 'c';
}

std::optional<MessageId> parent_of(const MessageId& id) {
  const std::size_t dot = id.text().rfind('.');
  if (dot == std::string::npos) return std::nullopt;
  return MessageId::parse(id.text().substr(0, dot));
}

std::optional<MessageId> noticed(const MessageId& id) {
  return is_child(id) ? std::nullopt : parent_of(id);
}

Reporting reporting(const MessageId& id, const Address& sender) {
  if (!sender.null()) return Reporting::sender;
  // What a notice to an alias became is a notice still.
  int notices = 0;
  for (std::optional<MessageId> one = id; one; one = parent_of(*one))
    notices += is_notice(*one) ? 1 : 0;
  return notices == 1 ? Reporting::postmaster : Reporting::nobody;
}

Settlement settle(const Outcome& got, const Notify& notify, const RecipientProgress& before,
                  const SettlePolicy& policy) {
  const bool told = notify.success && policy.reporting == Reporting::sender;
  switch (got.disposition) {
  case Disposition::delivered:
    return {got, told && policy.here ? Mark::delivered_owed : Mark::delivered, false};
  case Disposition::expanded: return {got, Mark::expanded, false};
  case Disposition::relayed:
    // RFC 3461 5.2.2: the next host will not report success, so we do.
    return {got, told ? Mark::delivered_owed : Mark::delivered, false};
  case Disposition::failed:
    if (policy.may_move && may_move(got.klass) && before.moves < kMostMoves)
      return {got, Mark::pending, true};
    return failure(got, notify, policy.reporting);
  case Disposition::deferred:
  case Disposition::moved: break;
  }
  const bool old = policy.age_us >= static_cast<WallUs>(policy.expire_after_s) * 1'000'000;
  if (old) return failure(expired(got, policy.expire_after_s), notify, policy.reporting);
  Settlement waits{got, Mark::pending, false};
  waits.outcome.disposition = Disposition::deferred; // only the routes make a move
  return waits;
}

std::int64_t wait_ms(const Settings& settings, std::uint32_t attempts) {
  const auto& retry = settings.retry_s;
  if (retry.empty()) return 3'600'000;
  const std::size_t at = std::min<std::size_t>(std::max(attempts, 1U), retry.size()) - 1;
  return static_cast<std::int64_t>(retry[at]) * 1000;
}

std::int64_t requery_ms(std::uint32_t requeries) {
  constexpr std::int64_t kMost = 60'000;
  return requeries > 6 ? kMost : std::min(kMost, std::int64_t{1000} << requeries);
}

} // namespace waypost::queue
