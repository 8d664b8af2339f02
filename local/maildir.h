// Maildir, as D. J. Bernstein's maildir(5) says: a file in tmp/ under a name that nobody else
// makes, written, flushed, moved to new/, and new/ flushed. A reader sees whole messages only; a
// crash leaves at most a file in tmp/. Delivered twice is possible, never half.
#pragma once

#include <string>

#include "lib/sys/clock.h"
#include "lib/sys/fs.h"
#include "local/letter.h"
#include "local/verdict.h"

namespace waypost::local {

// `path` is made where it is missing, as long as the folder that it lies in is there.
[[nodiscard]] Verdict deliver_to_maildir(Fs& fs, const Clock& clock, const std::string& path,
                                         const LocalEnvelope& envelope, Letter& letter);

} // namespace waypost::local
