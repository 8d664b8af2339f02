// The filter that waypost-bounce is: notice requests in, notices out, one after another
// (lib/mail/notice_request.h).
//
// It blocks, remembers nothing from one request to the next, and opens nothing. A request that
// makes no sense is answered with error=; a stream that is not one of requests ends it.
#pragma once

#include "lib/sys/error.h"

namespace waypost::queue {

// Until the end of `in`, or until `lifeline` (not there when it is not an open descriptor) is
// readable. An error: the stream was malformed, or a descriptor failed.
[[nodiscard]] Result<> run_bounce_filter(int in, int out, int lifeline);

} // namespace waypost::queue
