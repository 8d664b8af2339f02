#include "dkim/rewriting.h"

#include <algorithm>

#include "lib/mail/address_list.h"
#include "lib/sys/text.h"

namespace waypost::dkim {
namespace {

constexpr const char* kFields[] = {"From",        "Sender",        "Reply-To",
                                   "Resent-From", "Resent-Sender", "Resent-Reply-To"};

bool names_a_sender(const Field& field) {
  return std::ranges::any_of(
      kFields, [&field](const char* name) { return equal_ignoring_case(field.name(), name); });
}

bool in_brackets(std::string_view list, const ListedAddress& one) {
  return trim(list.substr(0, one.begin), " \t\r\n").ends_with('<');
}

// "" when nothing changes.
std::string rewritten(const SenderRewriting& rewriting, std::string_view before) {
  const auto listed = find_listed_addresses(before);
  if (!listed) return {};
  // In "Acme, Inc. <info@acme.example>", which lacks its quotes, Acme is no sender of this machine.
  const auto bracketed = [before](const ListedAddress& one) { return in_brackets(before, one); };
  const bool named = std::ranges::any_of(*listed, bracketed);
  std::string after;
  std::size_t taken = 0;
  for (const ListedAddress& one : *listed) {
    if (named && !one.address.contains('@') && !bracketed(one)) continue;
    const std::string to = rewriting.address(one.address);
    if (to.empty()) continue;
    after += before.substr(taken, one.begin - taken);
    after += to;
    taken = one.begin + one.length;
  }
  if (taken > 0) after += before.substr(taken);
  return after;
}

} // namespace

std::size_t bytes_of_senders(const Header& header) {
  std::size_t bytes = 0;
  for (const Field& field : header.fields())
    if (names_a_sender(field)) bytes += field.text.size();
  return bytes;
}

std::size_t rewrite_header(const SenderRewriting& rewriting, Header& header) {
  std::size_t bytes = 0;
  std::size_t changed = 0;
  for (std::size_t i = 0; i < header.fields().size(); ++i) {
    const Field& field = header.fields()[i];
    bytes += field.text.size();
    if (!names_a_sender(field)) continue;
    const std::string after = rewritten(rewriting, field.body());
    if (after.empty()) continue;
    header.replace_body(i, after);
    changed = bytes;
  }
  return changed;
}

} // namespace waypost::dkim
