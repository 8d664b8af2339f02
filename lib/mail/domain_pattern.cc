#include "lib/mail/domain_pattern.h"

namespace waypost {

bool fits(std::string_view pattern, std::string_view domain) {
  if (domain.empty()) return false;
  if (!pattern.starts_with('.')) return pattern == domain;
  return domain.ends_with(pattern) || domain == pattern.substr(1);
}

// "a.example.com" is covered by itself, ".a.example.com", ".example.com" and ".com"; a pattern with
// a dot only by patterns with one.
bool covers(std::string_view outer, std::string_view inner) {
  if (!inner.starts_with('.')) return fits(outer, inner);
  return outer.starts_with('.') && (inner == outer || inner.ends_with(outer));
}

} // namespace waypost
