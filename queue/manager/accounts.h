// Accounts: the name of the account that handed a message in: the head's login, else the name of
// its uid, else "uid:N". Names of uids come from the system's databases, which may be slow: they
// are looked up on a work thread and kept. A look-up that fails for now is an error, and not kept:
// by another account a message might take a way that it must not.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/mail/message_file.h"
#include "lib/sys/error.h"

namespace waypost::queue {

// Of a uid without a name.
[[nodiscard]] std::string unnamed_account(std::uint32_t uid);
// What the system's databases say; an error when they cannot be asked this time.
[[nodiscard]] Result<std::string> account_of(std::uint32_t uid);

class Accounts {
public:
  using Work = std::function<void(std::function<void()>, std::function<void()>)>;
  using Then = std::function<void(const Result<std::string>&)>;
  using LookUp = std::function<Result<std::string>(std::uint32_t uid)>;
  explicit Accounts(Work work, LookUp look_up = account_of)
      : work_(std::move(work)),
        look_up_(std::move(look_up)) {}

  void name(const MessageHead& head, Then then);
  // The name when it is known already, else "uid:N".
  [[nodiscard]] std::string known(const MessageHead& head) const;
  // After a reload users may have other names.
  void forget() { names_.clear(); }

private:
  Work work_;
  LookUp look_up_;
  std::unordered_map<std::uint32_t, std::string> names_;
  std::unordered_map<std::uint32_t, std::vector<Then>> asked_;
};

} // namespace waypost::queue
