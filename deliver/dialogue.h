// Dialogue: one mail transaction with a server that has been greeted (RFC 5321 3.3).
//
// Commands leave in flights: with PIPELINING (RFC 2920) as many as fit into 16 KiB, so that two
// peers that both only write never block each other; without it one. Then the replies are read.
// All replies that come are read before anything is decided, in the order MAIL, RCPT, DATA.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "deliver/body.h"
#include "deliver/connection.h"
#include "deliver/policy.h"
#include "lib/mail/job.h"
#include "lib/mail/snapshot.h"

namespace waypost::deliver {

// What a transaction made of its recipients, by their places in Job::recipients.
struct Verdicts {
  struct One {
    std::size_t recipient;
    Outcome outcome;
  };
  std::vector<One> settled;
  std::vector<std::size_t> left;  // nothing was decided for these
  std::optional<Outcome> trouble; // why; none: there were too many for one transaction
  bool stale = false;             // a used connection was gone before its first reply
  bool hopeless = false;          // the trouble is our own: no other host will do
  // MAIL was put off, so that all are settled by that; but it says nothing of other hosts.
  std::optional<Outcome> elsewhere;
};

class Dialogue {
public:
  // All are owned by who awaits. `recipients`: places in job.recipients, at least one.
  Dialogue(Connection& peer, const Transport& transport, const Job& job, int message,
           std::vector<std::size_t> recipients);

  [[nodiscard]] net::Task<Verdicts> run();

private:
  struct Command {
    Stage stage;
    std::size_t recipient; // an index into recipients_, for RCPT
    std::string line;
  };

  // commands.cc
  [[nodiscard]] std::optional<std::string> wire_form(const Address& address) const;
  void refuse_unsuitable();
  void list_commands();
  [[nodiscard]] std::string mail_line() const;
  [[nodiscard]] std::string rcpt_line(const EnvelopeRecipient& recipient) const;
  [[nodiscard]] std::size_t flight_end(std::size_t first) const;

  net::Task<> send_envelope();
  net::Task<> send_lone_dot();
  net::Task<> send_body();

  // verdicts.cc
  [[nodiscard]] Outcome meaning_of(Stage stage, const Reply& reply) const;
  void take_reply(const Command& command, const Reply& reply);
  void take_final_reply(const Result<Reply>& reply, bool dot_sent);
  Verdicts conclude();

  Connection& peer_;
  const Transport& transport_;
  const Job& job_;
  Body body_;
  std::vector<std::size_t> recipients_;
  std::vector<Command> commands_;
  std::size_t replies_ = 0; // to MAIL and what follows it
  std::optional<Reply> mail_refused_;
  std::vector<std::optional<Outcome>> verdicts_; // by index into recipients_
  std::vector<bool> accepted_;
  std::vector<bool> too_many_;
  std::size_t accepted_count_ = 0;
  std::optional<Reply> data_reply_;
  std::optional<Outcome> trouble_;
  bool reused_;
  bool hopeless_ = false;
};

} // namespace waypost::deliver
