// What MAIL and RCPT say: a path, and the parameters of the extensions that are offered. RFC 5321
// 4.1.2 (syntax), RFC 1870 (SIZE), RFC 6152 (BODY), RFC 6531 (SMTPUTF8), RFC 3461 (RET, ENVID,
// NOTIFY, ORCPT).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/mail/envelope.h"
#include "smtpd/answer.h"

namespace waypost::smtpd {

struct MailArgument {
  EnvelopeSender from;
  std::optional<std::uint64_t> size; // SIZE=
};

// `argument` begins with the path. 501: wrong syntax; 553: no address; 555: a parameter that was
// never offered.
[[nodiscard]] Answered<MailArgument> parse_mail(std::string_view argument);

// `utf8`: MAIL asked for SMTPUTF8. `suffix` is put behind the address (RELAYCLIENT).
[[nodiscard]] Answered<EnvelopeRecipient> parse_rcpt(std::string_view argument, bool utf8,
                                                     std::string_view suffix);

} // namespace waypost::smtpd
