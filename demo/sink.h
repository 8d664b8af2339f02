// Sink: small SMTP servers on loopback for `make demo`, one a listening address, that take mail and
// say what came. RFC 5321 as far as a sender needs it: EHLO with PIPELINING, 8BITMIME, SIZE.
//
// A recipient may be greylisted (451 the first time) or refused for good (550). Nothing is stored.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace waypost::demo {

// What all listeners share: whom they do not take at once, and who came before.
struct Manners {
  std::set<std::string> greylisted;
  std::set<std::string> refused;
  std::set<std::string> seen; // greylisted recipients that have been sent away once
};

// One SMTP dialogue, without I/O: bytes in, bytes out.
class SinkSession {
public:
  SinkSession(std::string label, Manners& manners) : label_(std::move(label)), manners_(manners) {}

  [[nodiscard]] std::string greeting() const;
  // The replies to what came; ended() is true once the connection shall be closed.
  [[nodiscard]] std::string take(std::string_view bytes);
  [[nodiscard]] bool ended() const { return ended_; }

private:
  std::string reply_to(const std::string& line);
  std::string take_recipient(const std::string& address);
  std::string take_content(const std::string& line);
  void tell() const;

  std::string label_;
  Manners& manners_;
  std::string unread_;
  std::string sender_;
  std::vector<std::string> recipients_;
  std::vector<std::string> content_; // lines without their ends
  bool in_content_ = false;
  bool ended_ = false;
};

} // namespace waypost::demo
