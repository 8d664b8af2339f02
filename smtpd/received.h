// Our Received field, RFC 5321 4.4, in wire form: what SMTP knows of the client. waypost-queue puts
// one of its own above, with the message's id.
#pragma once

#include <string>
#include <string_view>

#include "lib/sys/clock.h"
#include "smtpd/client.h"

namespace waypost::smtpd {

struct Reception {
  std::string_view helo;     // checked by valid_helo()
  std::string_view protocol; // SMTP, ESMTP (RFC 3848) or UTF8SMTP (RFC 6531 4.3)
  std::string_view hostname; // ours
  WallUs now = 0;
};

// Received: from HELO (HOST [192.0.2.1])
//         by HOSTNAME (waypost-smtpd) with ESMTP; DATE
[[nodiscard]] std::string received_field(const Client& client, const Reception& reception);

// What EHLO and HELO may say: a domain or an address literal by its letters, no more. RFC 5321
// 4.1.4: that it is not true is no reason to refuse.
[[nodiscard]] bool valid_helo(std::string_view name);

} // namespace waypost::smtpd
