// Words for what a history holds: kinds of entries, and classes of failure as a postmaster reads
// them.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/mail/history.h"

namespace waypost::queue {

[[nodiscard]] std::string_view kind_word(HistoryKind kind);

// Whose fault a failure is, as far as its reply tells it: `ours` where no server had a part in it,
// and of class auth `login` where a server refused one, and `no_login` where none came about.
enum class Fault : std::uint8_t { theirs, ours, login, no_login };
[[nodiscard]] Fault fault_of(const Outcome& outcome);

// "our address is blocked there"; empty where the name of the class says all.
[[nodiscard]] std::string_view class_sentence(FailureClass klass, Fault fault);

// What a class of failure means, and who has to act: whole sentences.
struct ClassAdvice {
  std::string_view means;
  std::string_view who;
};
[[nodiscard]] ClassAdvice class_advice(FailureClass klass, Fault fault);

} // namespace waypost::queue
