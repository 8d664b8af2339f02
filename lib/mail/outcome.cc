#include "lib/mail/outcome.h"

#include <array>
#include <utility>

#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr std::array<std::pair<Disposition, std::string_view>, 6> kDispositions{{
    {Disposition::delivered, "delivered"},
    {Disposition::deferred, "deferred"},
    {Disposition::failed, "failed"},
    {Disposition::moved, "moved"},
    {Disposition::relayed, "relayed"},
    {Disposition::expanded, "expanded"},
}};

constexpr std::array<std::pair<FailureClass, std::string_view>, 10> kClasses{{
    {FailureClass::blocked, "blocked"},
    {FailureClass::greylisted, "greylisted"},
    {FailureClass::rate, "rate"},
    {FailureClass::auth, "auth"},
    {FailureClass::tls, "tls"},
    {FailureClass::unreachable, "unreachable"},
    {FailureClass::dns, "dns"},
    {FailureClass::mailbox, "mailbox"},
    {FailureClass::content, "content"},
    {FailureClass::other, "other"},
}};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
  for (const auto& [one, word] : table) {
    if (one == value) return word;
  }
  return {};
}

template <class Value, class Table>
std::optional<Value> value_in(const Table& table, std::string_view word) {
  for (const auto& [one, its] : table) {
    if (its == word) return one;
  }
  return std::nullopt;
}

} // namespace

std::string_view name(Disposition d) {
  return name_in(kDispositions, d);
}

std::string_view name(FailureClass c) {
  return name_in(kClasses, c);
}

std::optional<Disposition> parse_disposition(std::string_view word) {
  return value_in<Disposition>(kDispositions, word);
}

std::optional<FailureClass> parse_failure_class(std::string_view word) {
  return value_in<FailureClass>(kClasses, word);
}

std::string FailureClasses::text() const {
  std::string all;
  for (const auto& [one, word] : kClasses) {
    if (!has(one)) continue;
    if (!all.empty()) all += ',';
    all += word;
  }
  return all;
}

std::optional<FailureClasses> FailureClasses::parse(std::string_view text) {
  FailureClasses classes;
  if (text.empty()) return classes;
  for (const std::string_view word : split(text, ',')) {
    const auto one = parse_failure_class(word);
    if (!one) return std::nullopt;
    classes.add(*one);
  }
  return classes;
}

} // namespace waypost
