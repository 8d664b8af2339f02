// Session: the dialogue with one client, without I/O: bytes in, replies out. RFC 5321 4.1 and 4.3,
// RFC 2920.
//
//   greet() -> take(bytes)... -> ended()
//
// Replies gather until they are taken, so that a group of commands that came together is answered
// together (RFC 2920 3.2). AUTH will have its place beside HELO in obey(): what it finds becomes A
// of the envelope, and takes the place of RELAYCLIENT.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/mail/envelope.h"
#include "lib/sys/clock.h"
#include "smtpd/client.h"
#include "smtpd/command.h"
#include "smtpd/command_line.h"
#include "smtpd/letter.h"
#include "smtpd/limits.h"
#include "smtpd/local_names.h"

namespace waypost::smtpd {

struct Policy {
  std::string hostname;
  std::string postmaster;     // where mail to <postmaster> goes, RFC 5321 4.5.1
  std::uint64_t size_max = 0; // 0: none
  Limits limits;
  bool log = false;    // a line for each message
  std::string account; // not empty: strangers may send to local names, by the rules for this one
};

class Session {
public:
  // All of these outlive it. `names`: a client without RELAYCLIENT may send to those who are here;
  // none: to nobody but the postmaster.
  Session(const Policy& policy, const Client& client, QueueDoor& door, const Clock& clock,
          LocalNames* names = nullptr);

  void greet();
  // Takes all of `bytes`, or what comes before the end of the session.
  void take(std::string_view bytes);
  // The client has closed, or has not sent in time what it had to.
  void time_out();
  // The service ends: a message under way is taken to its end, and all else is answered 421.
  void close();
  [[nodiscard]] bool closing() const { return closing_; }
  [[nodiscard]] bool ended() const { return ended_; }

  [[nodiscard]] std::string& replies() { return replies_; } // the caller empties it
  [[nodiscard]] BootMs deadline() const;

private:
  void take_line(std::string_view& rest);
  void obey(const Command& command, bool more);
  void hello(const Command& command);
  void mail(std::string_view argument);
  void recipient(std::string_view argument);
  Answered<EnvelopeRecipient> admit(std::string_view argument) const;
  // Nothing when the client may send to it; else the refusal.
  [[nodiscard]] Answer stranger_to(const Address& recipient) const;
  void data();
  void end_of_data();
  void forget();

  void say(std::string_view answer);
  void mistake(std::string_view answer);
  void end(std::string_view answer);
  void end_if_closing();

  const Policy& policy_;
  const Client& client_;
  QueueDoor& door_;
  const Clock& clock_;
  LocalNames* names_;
  CommandLines lines_;
  std::string replies_;
  bool ended_ = false;
  bool closing_ = false;
  std::string helo_;      // empty before EHLO and HELO
  bool extended_ = false; // EHLO

  std::optional<EnvelopeSender> from_; // a transaction is under way
  std::string recipients_;             // encoded
  std::uint64_t recipient_count_ = 0;
  bool any_refused_ = false;
  std::optional<Letter> letter_; // DATA

  BootMs began_;
  BootMs waits_since_;
  std::uint64_t mistakes_ = 0;
  std::uint64_t refused_recipients_ = 0;
  std::uint64_t without_mail_ = 0;
};

} // namespace waypost::smtpd
