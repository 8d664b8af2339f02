// Session: one SMTP dialogue of a sink, from the banner to QUIT. RFC 5321 as far as a sender needs
// it, but where the script says otherwise.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "demo/sink.h"
#include "demo/wire.h"

namespace waypost::demo {

class Session {
public:
  Session(Sink& sink, Fd socket) : sink_(sink), wire_(std::move(socket)) {}

  void run(); // until the connection ends

private:
  void talk();
  // Answers the moment; false when the session is over.
  bool answer(Moment moment, const std::string& command);
  bool run_step(const Step& step, Moment moment, const std::string& command);
  bool say_usual(Moment moment, const std::string& command);
  bool send_reply(const std::string& text);
  // What an accepted command changes; false when the session is over.
  bool obey(Moment moment, const std::string& command);
  bool receive();
  void forget();

  std::string usual(Moment moment, const std::string& command);
  std::string offers() const;
  std::string for_recipient(const std::string& address);
  void tell() const;

  Sink& sink_;
  Wire wire_;
  std::uint64_t number_ = 0;
  char replied_ = 0; // the first digit of the last line that answered the command
  bool at_line_start_ = true;
  std::optional<std::string> sender_; // once MAIL was accepted
  std::vector<std::string> recipients_;
  std::vector<std::string> content_; // lines without their ends, dots undone
};

} // namespace waypost::demo
