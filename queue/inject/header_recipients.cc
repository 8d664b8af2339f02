#include "queue/inject/header_recipients.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "lib/mail/address_list.h"
#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

using Names = std::array<std::string_view, 3>;
constexpr Names kFields{"To", "Cc", "Bcc"};
constexpr Names kResentFields{"Resent-To", "Resent-Cc", "Resent-Bcc"};

bool among(const Names& names, std::string_view name) {
  return std::ranges::any_of(
      names, [name](std::string_view one) { return equal_ignoring_case(one, name); });
}

} // namespace

Result<std::vector<std::string>> header_recipients(const HeaderSection& header) {
  const bool resent = std::ranges::any_of(
      kResentFields, [&header](std::string_view name) { return header.has(name); });
  const Names& names = resent ? kResentFields : kFields;
  std::vector<std::string> all;
  for (const HeaderField& field : header.fields()) {
    if (!among(names, field.name())) continue;
    auto some = parse_address_list(field.body());
    if (!some) return fail(std::string(field.name()) + ": " + some.error().text);
    std::ranges::move(*some, std::back_inserter(all));
  }
  return all;
}

} // namespace waypost::queue
