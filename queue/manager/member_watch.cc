#include "queue/manager/member_watch.h"

#include <algorithm>
#include <string>
#include <utility>

namespace waypost::queue {
namespace {

constexpr std::array kNames{"waypost-route", "waypost-bounce", "waypost-overlay"};

} // namespace

void MemberWatch::asked(Member member) {
  ++of(member).owed;
  watch();
}

void MemberWatch::answered(Member member) {
  --of(member).owed;
  of(member).glances = 0;
}

void MemberWatch::watch() {
  if (std::exchange(watching_, true)) return;
  host_.later(kGlanceMs, [this] { glance(); });
}

void MemberWatch::glance() {
  watching_ = false;
  for (std::size_t i = 0; i < debts_.size(); ++i) {
    if (debts_[i].owed > 0 && ++debts_[i].glances >= kGlances)
      return host_.broken(std::string(kNames[i]) + " has not answered for ten minutes");
  }
  if (std::ranges::any_of(debts_, [](const Debt& one) { return one.owed > 0; })) watch();
}

} // namespace waypost::queue
