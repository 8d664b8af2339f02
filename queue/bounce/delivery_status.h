// The part of a notice that programs read: message/delivery-status (RFC 3464), or
// message/global-delivery-status (RFC 6533) when addresses are not ASCII.
//
// One group of fields for the message, one for each recipient, with the whole reply of the remote
// server. With very many recipients each reply is cut so that all of them stay in a bound.
#pragma once

#include <string>

#include "lib/mail/notice_request.h"

namespace waypost::queue {

// Lines end with CRLF; ASCII unless `global`, nothing in it that is not printable.
[[nodiscard]] std::string delivery_status(const NoticeRequest& request, bool global);

// RFC 3461 4: what an xtext (ENVID, or ORCPT behind its type) stands for; none when it is
// malformed.
[[nodiscard]] std::optional<std::string> decode_xtext(std::string_view text);

} // namespace waypost::queue
