// Replies that servers have really sent, as rows of tests: what came at which stage, and the class
// and disposition that it must have. Addresses of people and machines are replaced; each row has
// its public source above it. In `wire` lines are joined by '\n' and have their codes, as sent.
#pragma once

#include <span>

#include "deliver/policy.h"

namespace waypost::deliver {

struct RealReply {
  const char* name;
  Stage stage;
  const char* wire;
  FailureClass klass;
  Disposition disposition;
};

// The words of a row's last two columns.
namespace words {
inline constexpr auto blocked = FailureClass::blocked;
inline constexpr auto greylisted = FailureClass::greylisted;
inline constexpr auto rate = FailureClass::rate;
inline constexpr auto auth = FailureClass::auth;
inline constexpr auto tls = FailureClass::tls;
inline constexpr auto dns = FailureClass::dns;
inline constexpr auto mailbox = FailureClass::mailbox;
inline constexpr auto content = FailureClass::content;
inline constexpr auto other = FailureClass::other;
inline constexpr auto deferred = Disposition::deferred;
inline constexpr auto failed = Disposition::failed;
} // namespace words

// Reads each as a connection would and prints every row that fails, by its name.
void expect_classes(std::span<const RealReply> rows);

} // namespace waypost::deliver
