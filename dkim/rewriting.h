// The senders in a message's header, rewritten: From, Sender, Reply-To and their Resent- forms.
// Display names, comments and folding stay as they were; a list that cannot be read stays whole.
#pragma once

#include <cstddef>

#include "dkim/header.h"
#include "lib/mail/sender_rewriting.h"

namespace waypost::dkim {

// How long these fields are together: who reads them all must know that it ends.
[[nodiscard]] std::size_t bytes_of_senders(const Header& header);

// How many bytes of the section, as it was, are changed: up to the end of the last field that is
// another now. 0: none is.
[[nodiscard]] std::size_t rewrite_header(const SenderRewriting& rewriting, Header& header);

} // namespace waypost::dkim
