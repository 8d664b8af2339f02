// Session: the server's side of an SMTP dialogue that takes everything (RFC 5321), without any I/O.
//
// Bytes go in, replies come out. Addresses are not looked at, bodies are not kept. It offers
// PIPELINING, 8BITMIME, SMTPUTF8 and, where told so, STARTTLS: after the reply to that command the
// caller starts TLS and calls secured().
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace waypost::bench {

class Session {
public:
  explicit Session(bool offer_tls) : offer_tls_(offer_tls) {}

  // Appends the replies; returns how many messages ended with these bytes.
  std::size_t feed(std::string_view bytes, std::string& replies);

  [[nodiscard]] bool wants_tls() const { return wants_tls_; }
  [[nodiscard]] bool ended() const { return ended_; }
  void secured();

private:
  bool take_body();
  bool take_command(std::string& replies);
  void answer(std::string_view verb, std::string& replies);

  std::string rest_; // read, not yet understood
  bool offer_tls_;
  bool in_body_ = false;
  bool wants_tls_ = false;
  bool secure_ = false;
  bool ended_ = false;
};

} // namespace waypost::bench
