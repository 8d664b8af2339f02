// Letter: a saved message made ready for the dialogue: local names become addresses of the
// configuration, each address stands once, and which recipient of the head it came from is known.
#pragma once

#include <optional>
#include <vector>

#include "lib/mail/job.h"
#include "submit/config.h"
#include "submit/saved_message.h"

namespace waypost::submit {

struct Letter {
  Job job; // its recipients numbered from 0 on
  // By place in the head: the number in the job, or why there is none.
  std::vector<std::size_t> numbers;
  std::vector<std::optional<Outcome>> unsendable;
};

// `eight_bit`: the message has bytes above 127.
[[nodiscard]] Letter letter_of(const SavedMessage& message, const SubmitConfig& config,
                               bool eight_bit);

// A bare local name gets `from`, or this machine's name as its domain.
[[nodiscard]] Address whole_sender(const Address& sender, const SubmitConfig& config);
// A bare local name is a Unix user here, who has no mailbox: `local_mail` gets it.
[[nodiscard]] Result<Address> whole_recipient(const Address& recipient, const SubmitConfig& config);

// Reads it through.
[[nodiscard]] Result<bool> has_eight_bit(Fs& fs, const SavedMessage& message);

} // namespace waypost::submit
