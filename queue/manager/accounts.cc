#include "queue/manager/accounts.h"

#include <array>
#include <memory>
#include <pwd.h>

#include "lib/sys/shortage.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kMostNames = 10'000;

} // namespace

std::string unnamed_account(std::uint32_t uid) {
  return "uid:" + std::to_string(uid);
}

Result<std::string> account_of(std::uint32_t uid) {
  std::array<char, 16 * 1024> buffer;
  passwd entry{};
  passwd* found = nullptr;
  const int code = ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  if (code == 0 && found != nullptr) return found->pw_name;
  const auto why = fail_errno("name of uid " + std::to_string(uid), code);
  if (passes(why.error())) return why;
  return unnamed_account(uid);
}

void Accounts::name(const MessageHead& head, Then then) {
  if (!head.login.empty()) return then(head.login);
  const auto known = names_.find(head.uid);
  if (known != names_.end()) return then(known->second);
  std::vector<Then>& waiting = asked_[head.uid];
  waiting.push_back(std::move(then));
  if (waiting.size() > 1) return;
  const auto found = std::make_shared<Result<std::string>>();
  work_([uid = head.uid, found, look_up = look_up_] { *found = look_up(uid); },
        [this, uid = head.uid, found] {
          if (names_.size() >= kMostNames) names_.clear();
          if (*found) names_[uid] = **found;
          const std::vector<Then> all = std::move(asked_[uid]);
          asked_.erase(uid);
          for (const Then& one : all)
            one(*found);
        });
}

std::string Accounts::known(const MessageHead& head) const {
  if (!head.login.empty()) return head.login;
  const auto known = names_.find(head.uid);
  return known != names_.end() ? known->second : unnamed_account(head.uid);
}

} // namespace waypost::queue
