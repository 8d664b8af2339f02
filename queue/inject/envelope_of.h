// The envelope of a message that a local user hands in: addresses from the command line and the
// header made whole, checked, and in the form of lib/mail/envelope.h.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/mail/envelope.h"
#include "queue/inject/arguments.h"

namespace waypost::queue {

// One address as -f takes it: "a@b", "<a@b>", "Name <a@b>", "a" (gets @hostname); "" and "<>" are
// the null sender.
[[nodiscard]] Result<Address> sender_address(std::string_view text, std::string_view hostname);

// Every recipient, from arguments (each of which may be a list) and from the header, in order and
// without repetitions. Not empty.
[[nodiscard]] Result<std::vector<Address>>
recipient_addresses(const std::vector<std::string>& from_arguments,
                    const std::vector<std::string>& from_header, std::string_view hostname);

// F with its fields, as the envelope begins.
[[nodiscard]] EnvelopeSender envelope_sender(const Arguments& arguments, const Address& sender,
                                             std::span<const Address> recipients);

} // namespace waypost::queue
