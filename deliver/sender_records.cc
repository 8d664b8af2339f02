#include "deliver/sender_records.h"

#include "lib/mail/transaction.h"
#include "lib/sys/names.h"

namespace waypost::deliver {
namespace {

constexpr Names<ProxyNews, 5> kProxyNews{{
    {ProxyNews::reached, "reached"},
    {ProxyNews::not_reached, "not_reached"},
    {ProxyNews::no_ipv4, "no_ipv4"},
    {ProxyNews::no_ipv6, "no_ipv6"},
    {ProxyNews::at_fault, "at_fault"},
}};

} // namespace

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

Record proxy_record(ProxyNews news, const Outcome* outcome) {
  Record record;
  record.add("type", "proxy").add("news", word_of(kProxyNews, news));
  if (outcome != nullptr) append_outcome(record, *outcome, outcome->reply);
  return record;
}

std::optional<ProxyReport> proxy_report(const Record& record) {
  const auto news = value_of(kProxyNews, record.get("news"));
  if (!news) return std::nullopt;
  if (*news == ProxyNews::reached) return ProxyReport{};
  const std::optional<Outcome> outcome = down_outcome(record);
  if (!outcome) return std::nullopt;
  return ProxyReport{*news, *outcome};
}

} // namespace waypost::deliver
