// What a message must have and a program left out: Date, Message-ID and From (RFC 5322 3.6), and
// their Resent- forms when it is sent anew. What must not leave the machine goes: Bcc, Resent-Bcc,
// Return-Path; Content-Length, which is about to be wrong.
#pragma once

#include <string>
#include <string_view>

#include "lib/sys/clock.h"
#include "queue/inject/header_section.h"

namespace waypost::queue {

struct Author {
  std::string full_name; // -F, else the user's name in /etc/passwd; may be empty
  std::string address;   // never empty
};

struct Completion {
  Author author;
  WallUs now = 0;
  std::string message_id; // without angle brackets
  bool gateway = false;   // another system's header: nothing is added
};

// The whole section as it goes into the queue, with the empty line behind it; lines end with '\n'.
// `author` is asked for only when From is missing, because finding a name costs a file.
[[nodiscard]] std::string complete_header(HeaderSection& header, const Completion& completion);
[[nodiscard]] bool needs_author(const HeaderSection& header);

// "Full Name <address>", quoted or encoded as it needs (RFC 5322 3.4, RFC 2047).
[[nodiscard]] std::string mailbox(const Author& author);
// The name in a passwd(5) comment: up to the first comma, '&' being the login with a capital.
[[nodiscard]] std::string gecos_name(std::string_view gecos, std::string_view login);

} // namespace waypost::queue
