// The filters that list and all commands that change messages have in common: which messages.
#pragma once

#include <vector>

#include "lib/mail/record.h"
#include "queue/commands/arguments.h"

namespace waypost::queue {

// --id --from --to --domain --account --transport --last-transport --class --held --older
[[nodiscard]] std::vector<Option> filter_options();

// Adds what was given to a request; operands are ids. `by_transport`: --transport is a filter, and
// not what the command sets. An error names the option.
[[nodiscard]] Result<> add_filters(Record& request, const Arguments& arguments, bool by_transport);

} // namespace waypost::queue
