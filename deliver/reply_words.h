// What servers say in words. Codes alone do not tell a block list from a bad login (both are 550
// 5.7.1), so one table of phrases, taken from what servers really send, tells classes apart.
//
// A class is about what would help: `blocked` is said of our address, so another address helps;
// `content` is said of the message, its links or its sender's domain, and goes wherever we go from;
// `auth` asks for a login, a permitted relay, or proof that we may use the sender's domain.
#pragma once

#include "deliver/policy.h"

namespace waypost::deliver {

// None when no phrase of the table stands in the reply.
[[nodiscard]] FailureClass class_by_words(Stage stage, const Reply& reply);

// "Too many recipients", so that the rest belongs into another transaction (RFC 5321 4.5.3.1.10).
[[nodiscard]] bool says_too_many_recipients(const Reply& reply);

} // namespace waypost::deliver
