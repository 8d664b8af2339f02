#include "lib/mail/outcome.h"

#include <algorithm>

#include "lib/sys/names.h"
#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr Names<Disposition, 6> kDispositions{{
    {Disposition::delivered, "delivered"},
    {Disposition::deferred, "deferred"},
    {Disposition::failed, "failed"},
    {Disposition::moved, "moved"},
    {Disposition::relayed, "relayed"},
    {Disposition::expanded, "expanded"},
}};

constexpr Names<FailureClass, 10> kClasses{{
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

} // namespace

std::string_view name(Disposition d) {
  return word_of(kDispositions, d);
}

std::string_view name(FailureClass c) {
  return word_of(kClasses, c);
}

std::optional<Disposition> parse_disposition(std::string_view word) {
  return value_of(kDispositions, word);
}

std::optional<FailureClass> parse_failure_class(std::string_view word) {
  return value_of(kClasses, word);
}

bool may_move(FailureClass klass) {
  switch (klass) {
  case FailureClass::blocked:
  case FailureClass::rate:
  case FailureClass::auth:
  case FailureClass::tls:
  case FailureClass::unreachable:
  case FailureClass::dns: return true;
  case FailureClass::none:
  case FailureClass::greylisted:
  case FailureClass::mailbox:
  case FailureClass::content:
  case FailureClass::other: return false;
  }
  return false;
}

std::string_view share_of_reply(std::string_view reply, std::size_t all, std::size_t count) {
  constexpr std::size_t kLeast = 256;
  return utf8_prefix(reply, std::max(kLeast, all / std::max<std::size_t>(count, 1)));
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
