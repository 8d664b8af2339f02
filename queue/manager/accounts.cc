#include "queue/manager/accounts.h"

#include <array>
#include <memory>
#include <pwd.h>

namespace waypost::queue {
namespace {

constexpr std::size_t kMostNames = 10'000;

std::string look_up(std::uint32_t uid) {
  std::array<char, 16 * 1024> buffer;
  passwd entry{};
  passwd* found = nullptr;
  const int code = ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  if (code == 0 && found != nullptr) return found->pw_name;
  return "uid:" + std::to_string(uid);
}

} // namespace

void Accounts::name(const MessageHead& head, Then then) {
  if (!head.login.empty()) return then(head.login);
  const auto known = names_.find(head.uid);
  if (known != names_.end()) return then(known->second);
  std::vector<Then>& waiting = asked_[head.uid];
  waiting.push_back(std::move(then));
  if (waiting.size() > 1) return;
  const auto found = std::make_shared<std::string>();
  work_([uid = head.uid, found] { *found = look_up(uid); },
        [this, uid = head.uid, found] {
          if (names_.size() >= kMostNames) names_.clear();
          names_[uid] = *found;
          const std::vector<Then> all = std::move(asked_[uid]);
          asked_.erase(uid);
          for (const Then& one : all)
            one(*found);
        });
}

std::string Accounts::known(const MessageHead& head) const {
  if (!head.login.empty()) return head.login;
  const auto known = names_.find(head.uid);
  return known != names_.end() ? known->second : "uid:" + std::to_string(head.uid);
}

} // namespace waypost::queue
