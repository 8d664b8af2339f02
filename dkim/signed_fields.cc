#include "dkim/signed_fields.h"

#include <algorithm>
#include <map>

#include "lib/sys/text.h"

namespace waypost::dkim {
namespace {

enum class Cover : std::uint8_t { always_one_more, one_more_when_there, when_there };

struct Rule {
  const char* name;
  Cover cover;
};

using enum Cover;
constexpr Rule kRules[] = {
    {"From", always_one_more},
    {"To", always_one_more},
    {"Cc", always_one_more},
    {"Reply-To", always_one_more},
    {"Subject", always_one_more},
    {"Date", one_more_when_there},
    {"Message-ID", one_more_when_there},
    {"Sender", one_more_when_there},
    {"In-Reply-To", one_more_when_there},
    {"References", one_more_when_there},
    {"MIME-Version", one_more_when_there},
    {"Content-Type", one_more_when_there},
    {"Content-Transfer-Encoding", one_more_when_there},
    {"Content-Disposition", one_more_when_there},
    {"Content-ID", one_more_when_there},
    {"Content-Description", one_more_when_there},
    {"Content-Language", one_more_when_there},
    {"List-Unsubscribe", when_there},
    {"List-Unsubscribe-Post", when_there},
    {"List-Id", when_there},
    {"List-Help", when_there},
    {"List-Subscribe", when_there},
    {"List-Post", when_there},
    {"List-Owner", when_there},
    {"List-Archive", when_there},
    {"Resent-Date", when_there},
    {"Resent-From", when_there},
    {"Resent-To", when_there},
    {"Resent-Cc", when_there},
    {"Resent-Sender", when_there},
    {"Resent-Message-ID", when_there},
    {"Auto-Submitted", when_there},
    {"Precedence", when_there},
    {"Importance", when_there},
    {"Organization", when_there},
    {"Feedback-ID", when_there},
    {"Autocrypt", when_there},
};

std::size_t count_of(std::span<const Field> fields, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count_if(
      fields, [name](const Field& one) { return equal_ignoring_case(one.name(), name); }));
}

std::size_t times(Cover cover, std::size_t there) {
  switch (cover) {
  case always_one_more: return there + 1;
  case one_more_when_there: return there == 0 ? 0 : there + 1;
  case when_there: return there;
  }
  return there;
}

} // namespace

std::vector<std::string> names_to_sign(std::span<const Field> fields) {
  std::vector<std::string> names;
  if (count_of(fields, "From") == 0) return names;
  for (const Rule& rule : kRules)
    names.insert(names.end(), times(rule.cover, count_of(fields, rule.name)), rule.name);
  return names;
}

std::string hashed_fields(std::span<const Field> fields, std::span<const std::string> names,
                          Canonical form) {
  std::map<std::string, std::vector<const Field*>> left; // each name's fields, the lowest last
  for (const Field& one : fields)
    left[ascii_lower(one.name())].push_back(&one);
  std::string out;
  for (const std::string& name : names) {
    const auto found = left.find(ascii_lower(name));
    if (found == left.end() || found->second.empty()) continue;
    out += canonical_field(*found->second.back(), form);
    found->second.pop_back();
  }
  return out;
}

} // namespace waypost::dkim
