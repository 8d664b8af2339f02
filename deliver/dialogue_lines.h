// A dialogue (lib/mail/transcript.h) as programs print it that have just had it: lines with the
// seconds since it began, or an array of steps.
#pragma once

#include <string>
#include <string_view>

namespace waypost::deliver {

// "0.012 > EHLO out.example.org", each behind `indent`.
[[nodiscard]] std::string dialogue_text(std::string_view dialogue, std::string_view indent);
// Objects with `ms`, `who` (waypost, server or empty) and `words`.
[[nodiscard]] std::string dialogue_json(std::string_view dialogue);

} // namespace waypost::deliver
