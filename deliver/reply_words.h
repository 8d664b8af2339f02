// What servers say in words: a first table of phrases that tell classes apart where codes do not.
#pragma once

#include "deliver/policy.h"

namespace waypost::deliver {

// None when no phrase of the table stands in the reply.
[[nodiscard]] FailureClass class_by_words(Stage stage, const Reply& reply);

// "Too many recipients", so that the rest belongs into another transaction (RFC 5321 4.5.3.1.10).
[[nodiscard]] bool says_too_many_recipients(const Reply& reply);

} // namespace waypost::deliver
