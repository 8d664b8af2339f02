// What an overlay changed, in words: "leaves as from me@example.org", "header rewritten, From:
// Cron <me@example.org>", "signed for example.org with rsa, ed".
#pragma once

#include <string>

#include "lib/mail/history.h"

namespace waypost::queue {

// Safe to print.
[[nodiscard]] std::string overlay_words(const Overlay& overlay);
[[nodiscard]] std::string_view part_word(Overlay::Part part); // as in the history

} // namespace waypost::queue
