#include "lib/mail/record.h"

#include <algorithm>

#include "lib/sys/text.h"

namespace waypost {
namespace {

bool valid_key(std::string_view key) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !key.empty() && letter(key.front()) &&
         std::ranges::all_of(key, [&](char c) { return letter(c) || digit(c); });
}

} // namespace

Record& Record::add(std::string_view key, std::string_view value) {
  const auto start = static_cast<std::uint32_t>(bytes_.size());
  bytes_ += key;
  bytes_ += '=';
  bytes_ += value;
  std::replace(bytes_.begin() + start, bytes_.end(), '\0', '?');
  bytes_ += '\0';
  spans_.push_back(
      {start, static_cast<std::uint32_t>(key.size()), static_cast<std::uint32_t>(value.size())});
  return *this;
}

Record& Record::add_number(std::string_view key, std::uint64_t value) {
  return add(key, std::to_string(value));
}

Record& Record::add_some(std::string_view key, std::string_view value) {
  return value.empty() ? *this : add(key, value);
}

Record::Field Record::field(std::size_t i) const {
  const Span& span = spans_[i];
  const std::string_view all(bytes_);
  return {all.substr(span.start, span.key), all.substr(span.start + span.key + 1, span.value)};
}

bool Record::has(std::string_view key) const {
  for (std::size_t i = 0; i < size(); ++i) {
    if (field(i).key == key) return true;
  }
  return false;
}

std::string_view Record::get(std::string_view key) const {
  for (std::size_t i = 0; i < size(); ++i) {
    const Field one = field(i);
    if (one.key == key) return one.value;
  }
  return {};
}

std::optional<std::uint64_t> Record::number(std::string_view key) const {
  return parse_number(get(key));
}

Result<Record> Record::decode(std::string_view bytes) {
  Record record;
  if (bytes.size() > UINT32_MAX) return fail("record: longer than 4 GiB");
  record.bytes_ = bytes;
  for (std::size_t start = 0; start < bytes.size();) {
    const std::size_t end = bytes.find('\0', start);
    if (end == std::string_view::npos) return fail("record: the last field has no end");
    const std::string_view one = bytes.substr(start, end - start);
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos) return fail("record: a field has no '='");
    if (!valid_key(one.substr(0, equals)))
      return fail("record: a key is not of a to z, 0 to 9 and _");
    record.spans_.push_back({static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(equals),
                             static_cast<std::uint32_t>(one.size() - equals - 1)});
    start = end + 1;
  }
  return record;
}

} // namespace waypost
