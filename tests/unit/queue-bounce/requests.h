// Notice requests for the tests of this room.
#pragma once

#include <string>

#include "lib/mail/notice_request.h"

namespace waypost::queue::testing {

inline NoticeRecipient failed(const std::string& address,
                              FailureClass klass = FailureClass::mailbox) {
  NoticeRecipient one;
  one.recipient.address = *Address::parse(address);
  one.attempted = 1'700'000'100'000'000; // 2023-11-14 22:15:00
  one.host = "mx.example.net";
  one.address = "192.0.2.25";
  one.outcome = {
      Disposition::failed, klass, 550, {5, 1, 1}, "5.1.1 no such user here\nlook elsewhere", true};
  return one;
}

inline NoticeRequest request(NoticeKind kind = NoticeKind::failure) {
  NoticeRequest one;
  one.kind = kind;
  one.id = "0123456789abcdef";
  one.name = "0123456789abcdef.b1";
  one.hostname = "mail.example.org";
  one.to = "alice@example.org";
  one.postmaster = "postmaster@example.org";
  one.arrival = 1'700'000'000'000'000; // 2023-11-14 22:13:20
  one.now = 1'700'000'200'000'000;     // 2023-11-14 22:16:40
  one.recipients = {failed("bob@example.net")};
  one.original = "Received: by x\r\nSubject: The plan\r\n for Monday\r\n"
                 "Message-ID: <1@example.org>\r\n\r\nbody\r\n";
  return one;
}

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace waypost::queue::testing
