// MemberWatch: notices when a program that answers within moments has stopped answering.
//
// A program that dies is seen at once. One that hangs, in a system call on a dead disk or stopped
// by a signal, would keep the messages that wait for it, for ever and without a word. So while one
// of them owes answers, glances ask from time to time whether any came. Time in which this machine
// slept counts as one. Where nothing is owed nobody is woken.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "queue/manager/turn_host.h"

namespace waypost::queue {

enum class Member : std::uint8_t { route, bounce, overlay };

class MemberWatch {
public:
  // Without one answer, though some are owed: then the host is told that it is broken.
  static constexpr int kGlances = 20;
  static constexpr BootMs kGlanceMs = 30'000;

  explicit MemberWatch(TurnHost& host) : host_(host) {}
  void asked(Member member);
  void answered(Member member);

private:
  struct Debt {
    std::size_t owed = 0;
    int glances = 0; // since it was asked, or last answered
  };

  [[nodiscard]] Debt& of(Member member) { return debts_[static_cast<std::size_t>(member)]; }
  void watch();
  void glance();

  TurnHost& host_;
  std::array<Debt, 3> debts_;
  bool watching_ = false;
};

} // namespace waypost::queue
