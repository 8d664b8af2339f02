// Notice: a delivery status notification, whole, as it goes into the queue.
//
// multipart/report (RFC 6522) of three parts: an explanation for people, a delivery status for
// programs (RFC 3464), and the original or its header. The same request always gives the same
// bytes.
#pragma once

#include <string>

#include "lib/mail/notice_request.h"
#include "lib/sys/error.h"

namespace waypost::queue {

// Header and body; lines end with CRLF. An error when it would be longer than kMaxNoticeFrame.
[[nodiscard]] Result<std::string> render_notice(const NoticeRequest& request);

} // namespace waypost::queue
