// What each class of failure means for the person who sent the message.
#pragma once

#include <string_view>

#include "lib/mail/outcome.h"

namespace waypost::queue {

struct ClassWords {
  std::string_view failed;  // "Why:", of a refusal for good
  std::string_view delayed; // "Why:", of one that may pass: it is tried again, or the time is up
  std::string_view advice;  // "What you can do", after a failure for good
};

[[nodiscard]] ClassWords class_words(FailureClass klass);

} // namespace waypost::queue
