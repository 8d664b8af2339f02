#include "lib/mail/local_user.h"

#include <algorithm>

namespace waypost {

// adduser's FIRST_UID and LAST_UID; systemd's dynamic users and nobody lie between 60000 and 65535.
bool may_receive(uid_t uid) {
  constexpr uid_t kNone = static_cast<uid_t>(-1);
  return uid >= 1000 && !(uid >= 60'000 && uid <= 65'535) && uid != kNone;
}

bool mailbox_name(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '+' || c == '=' || c == '.';
  };
  return !name.empty() && name.size() <= 64 && name.front() != '.' && name.front() != '-' &&
         std::ranges::all_of(name, good);
}

} // namespace waypost
