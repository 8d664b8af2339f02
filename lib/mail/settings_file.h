// The settings of the snapshot, for programs that start for each message.
#pragma once

#include <string>

#include "lib/mail/snapshot.h"

namespace waypost {

// As read_settings(), but what passes (lib/sys/shortage.h) is an error: mail that is accepted by
// other settings than those that hold would be named, or refused for good, by chance.
[[nodiscard]] Result<Settings> settings_that_hold(const std::string& path);

} // namespace waypost
