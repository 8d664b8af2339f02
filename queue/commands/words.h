// Words for what a history holds: kinds of entries, and classes of failure as a postmaster reads
// them.
#pragma once

#include <string_view>

#include "lib/mail/history.h"

namespace waypost::queue {

[[nodiscard]] std::string_view kind_word(HistoryKind kind);

// "our address is blocked there"; empty where the name of the class says all.
[[nodiscard]] std::string_view class_sentence(FailureClass klass);

// What a class of failure means, and who has to act: whole sentences.
struct ClassAdvice {
  std::string_view means;
  std::string_view who;
};
[[nodiscard]] ClassAdvice class_advice(FailureClass klass);
// Likewise where no server had a part in the failure.
[[nodiscard]] ClassAdvice own_trouble_advice();

} // namespace waypost::queue
