#include "spfcheck/advice.h"

#include <algorithm>

namespace waypost::spfcheck {
namespace {

constexpr std::string_view kVersion = "v=spf1";

// Where a new term belongs that nothing stands in the way of: before `all`, else before a modifier
// that follows the last mechanism, else at the end.
std::size_t usual_place(const Record& record) {
  const auto all = std::ranges::find(record.mechanisms, MechanismKind::all, &Mechanism::kind);
  if (all != record.mechanisms.end()) return all->place.at;
  std::size_t last = 0;
  for (const Mechanism& one : record.mechanisms)
    last = std::max(last, one.place.at);
  std::size_t place = record.text.size();
  const auto behind = [&](const std::optional<Modifier>& one) {
    if (one && one->place.at > last) place = std::min(place, one->place.at);
  };
  behind(record.redirect);
  behind(record.exp);
  return place;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// As much as fits into one string, up to and with a space where there is one.
std::string_view take_string(std::string_view& rest) {
  std::size_t size = std::min(rest.size(), kMostInString);
  if (size < rest.size()) {
    const std::size_t space = rest.substr(0, size).rfind(' ');
    if (space != std::string_view::npos) size = space + 1;
  }
  const std::string_view taken = rest.substr(0, size);
  rest.remove_prefix(size);
  return taken;
}

} // namespace

std::string address_term(const net::IpAddress& address) {
  return (address.v6() ? "ip6:" : "ip4:") + address.text();
}

std::string with_additions(const Record* current, std::span<const Addition> additions, bool first) {
  std::vector<std::string_view> terms;
  std::size_t place = current == nullptr ? 0 : usual_place(*current);
  for (const Addition& one : additions) {
    if (std::ranges::find(terms, one.term) == terms.end()) terms.emplace_back(one.term);
    if (one.before) place = std::min(place, *one.before);
  }
  std::string middle;
  for (const std::string_view term : terms)
    middle += " " + std::string(term);
  if (current == nullptr) return std::string(kVersion) + middle + " ~all";
  if (first) place = kVersion.size();
  std::string_view before = std::string_view(current->text).substr(0, place);
  std::string_view behind = std::string_view(current->text).substr(place);
  while (before.ends_with(' '))
    before.remove_suffix(1);
  while (behind.starts_with(' '))
    behind.remove_prefix(1);
  return std::string(before) + middle + (behind.empty() ? "" : " ") + std::string(behind);
}

std::string zone_line(std::string_view domain, std::string_view text) {
  std::string line = std::string(domain) + ". IN TXT";
  do {
    line += " " + quoted(take_string(text));
  } while (!text.empty());
  return line;
}

} // namespace waypost::spfcheck
