// Accounts: the name of the account that handed a message in: the head's login, else the name of
// its uid, else "uid:N". Names of uids come from the system's databases, which may be slow: they
// are looked up on a work thread and kept.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/mail/message_file.h"

namespace waypost::queue {

class Accounts {
public:
  using Work = std::function<void(std::function<void()>, std::function<void()>)>;
  using Then = std::function<void(const std::string&)>;
  explicit Accounts(Work work) : work_(std::move(work)) {}

  void name(const MessageHead& head, Then then);
  // The name when it is known already, else "uid:N".
  [[nodiscard]] std::string known(const MessageHead& head) const;
  // After a reload users may have other names.
  void forget() { names_.clear(); }

private:
  Work work_;
  std::unordered_map<std::uint32_t, std::string> names_;
  std::unordered_map<std::uint32_t, std::vector<Then>> asked_;
};

} // namespace waypost::queue
