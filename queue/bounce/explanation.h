// Explanation: the part of a notice that a tired person reads first. What happened, to whom, why in
// plain words, and what can be done; everything else stands in the parts behind it.
//
// Recipients with the same reason stand together. The text is bounded: at most 20 reasons and 50
// addresses of each are spelt out, however many recipients there are.
#pragma once

#include <string>

#include "lib/mail/notice_request.h"

namespace waypost::queue {

// Text in UTF-8, lines ending with CRLF, nothing in it that is not printable.
[[nodiscard]] std::string explanation(const NoticeRequest& request);

// Of the notice's header: what happened first, then to whom. Printable ASCII.
[[nodiscard]] std::string subject(const NoticeRequest& request);

} // namespace waypost::queue
