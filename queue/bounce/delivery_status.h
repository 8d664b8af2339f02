// The part of a notice that programs read: message/delivery-status (RFC 3464), or
// message/global-delivery-status (RFC 6533) when addresses are not ASCII.
//
// One group of fields for the message, one for each recipient, with the whole reply of the remote
// server. With very many recipients each reply is cut, so that the notice stays below the 10 MB
// that most servers take; no recipient is ever left out (RFC 3464 2.3).
#pragma once

#include <string>

#include "lib/mail/notice_request.h"

namespace waypost::queue {

// Lines end with CRLF; ASCII unless `global`, nothing in it that is not printable.
[[nodiscard]] std::string delivery_status(const NoticeRequest& request, bool global);

} // namespace waypost::queue
