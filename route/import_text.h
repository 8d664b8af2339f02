// The text that an import becomes. Whatever the draft holds, the text passes our own check: what
// would be refused in it stands there as a comment with the reason.
#pragma once

#include <string>

#include "route/import.h"

namespace waypost::route {

// `what`: "msmtp, /etc/msmtprc", for the first line.
[[nodiscard]] Result<std::string> import_text(const ImportDraft& draft, const std::string& what);

} // namespace waypost::route
