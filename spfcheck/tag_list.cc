#include "spfcheck/tag_list.h"

#include <algorithm>

#include "lib/sys/text.h"

namespace waypost::spfcheck {
namespace {

constexpr std::string_view kWhiteSpace = " \t\r\n";

// tag-name = ALPHA *ALNUMPUNC
bool is_name(std::string_view text) {
  const auto alpha = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && alpha(text.front()) && std::ranges::all_of(text, [&](char c) {
    return alpha(c) || (c >= '0' && c <= '9') || c == '_';
  });
}

} // namespace

Result<TagList> TagList::parse(std::string_view text) {
  TagList list;
  while (!text.empty()) {
    const std::string_view part = trim(cut(text, ';'), kWhiteSpace);
    if (part.empty()) continue; // a semicolon at the end, or two
    const std::size_t equals = part.find('=');
    const std::string_view name = trim(part.substr(0, equals), kWhiteSpace);
    if (equals == std::string_view::npos || !is_name(name)) {
      return fail(printable(part.substr(0, 40)) + " is not TAG=VALUE");
    }
    if (list.get(name)) return fail("the tag " + std::string(name) + " stands there twice");
    list.tags_.push_back(
        {std::string(name), std::string(trim(part.substr(equals + 1), kWhiteSpace))});
  }
  return list;
}

std::optional<std::string_view> TagList::get(std::string_view name) const {
  const auto found = std::ranges::find(tags_, name, &Tag::name);
  if (found == tags_.end()) return std::nullopt;
  return found->value;
}

std::string without_white_space(std::string_view text) {
  std::string out(text);
  std::erase_if(out, [](char c) { return kWhiteSpace.contains(c); });
  return out;
}

} // namespace waypost::spfcheck
