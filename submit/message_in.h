// A message as a program hands it to waypost-submit: read from standard input, its envelope made
// whole, saved.
// Options and header are taken as waypost-inject takes them.
#pragma once

#include <expected>

#include "queue/inject/arguments.h"
#include "queue/inject/header_section.h"
#include "submit/config.h"
#include "submit/report.h"
#include "submit/saved_message.h"

namespace waypost::submit {

// Sender and recipients, as arguments and header name them; local names stay bare. `header` is of
// the message.
[[nodiscard]] std::expected<SavedHead, Report> envelope_for(const queue::Arguments& arguments,
                                                            const queue::HeaderSection& header);

// A Report says what is wrong; then nothing is saved, and the caller has the message.
[[nodiscard]] std::expected<SavedMessage, Report>
take_message(Fs& fs, const queue::Arguments& arguments, const SubmitConfig& config);

} // namespace waypost::submit
