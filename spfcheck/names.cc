#include "spfcheck/names.h"

#include <algorithm>

#include "lib/mail/idna.h"
#include "lib/sys/text.h"

namespace waypost::spfcheck {
namespace {

std::string_view without_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

} // namespace

bool is_name(std::string_view name) {
  constexpr std::size_t kMost = 253;
  constexpr std::size_t kMostOfLabel = 63;
  name = without_dot(name);
  if (name.empty() || name.size() > kMost || name.contains('\0')) return false;
  return std::ranges::all_of(split(name, '.'), [](std::string_view label) {
    return !label.empty() && label.size() <= kMostOfLabel;
  });
}

bool is_checkable(std::string_view domain) {
  return is_name(domain) && without_dot(domain).contains('.') && !domain.starts_with('[') &&
         is_ascii(domain);
}

bool is_within(std::string_view name, std::string_view domain) {
  name = without_dot(name);
  domain = without_dot(domain);
  if (name.size() < domain.size()) return false;
  const std::size_t before = name.size() - domain.size();
  return equal_ignoring_case(name.substr(before), domain) &&
         (before == 0 || name[before - 1] == '.');
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return (c & '\x80') != 0; });
}

std::string with_a_labels(std::string_view domain) {
  if (is_ascii(domain)) return std::string(without_dot(domain));
  const Result<std::string> normal = normal_domain(domain);
  return normal ? *normal : std::string(domain);
}

std::string sender_of(std::string_view address) {
  const std::string_view local = local_part_of(address);
  return std::string(local.empty() ? "postmaster" : local) + "@" +
         with_a_labels(domain_of(address));
}

std::string_view domain_of(std::string_view sender) {
  const std::size_t at = sender.rfind('@');
  return at == std::string_view::npos ? sender : sender.substr(at + 1);
}

std::string_view local_part_of(std::string_view sender) {
  const std::size_t at = sender.rfind('@');
  return at == std::string_view::npos ? std::string_view() : sender.substr(0, at);
}

} // namespace waypost::spfcheck
