#include "smtpd/session.h"

#include <algorithm>

#include "lib/sys/log.h"
#include "lib/sys/text.h"
#include "smtpd/parameters.h"
#include "smtpd/received.h"

namespace waypost::smtpd {
namespace {

constexpr std::uint64_t kMsPerSecond = 1000;

BootMs later(BootMs from, std::uint64_t seconds) {
  return from + static_cast<BootMs>(seconds * kMsPerSecond);
}

} // namespace

Session::Session(const Policy& policy, const Client& client, QueueDoor& door, const Clock& clock,
                 LocalNames* names)
    : policy_(policy),
      client_(client),
      door_(door),
      clock_(clock),
      names_(names),
      began_(clock.boot_ms()),
      waits_since_(began_) {}

void Session::greet() {
  say("220 " + policy_.hostname + " ESMTP waypost");
}

void Session::take(std::string_view bytes) {
  while (!bytes.empty() && !ended_) {
    if (letter_) {
      letter_->take(bytes);
      if (letter_->ended()) end_of_data();
    } else {
      take_line(bytes);
    }
    end_if_closing();
  }
}

void Session::take_line(std::string_view& rest) {
  const CommandLines::Kind kind = lines_.next(rest);
  if (kind == CommandLines::Kind::none) return;
  waits_since_ = clock_.boot_ms();
  switch (kind) {
  case CommandLines::Kind::none: break;
  case CommandLines::Kind::whole: obey(parse_command(lines_.line()), !rest.empty()); break;
  case CommandLines::Kind::too_long: mistake("500 5.5.2 The line is too long"); break;
  case CommandLines::Kind::bare_line_end:
    mistake("500 5.5.2 Lines end with CRLF, and hold no other CR, LF or NUL");
    break;
  }
}

void Session::obey(const Command& command, bool more) {
  const bool last =
      command.verb == Verb::ehlo || command.verb == Verb::helo || command.verb == Verb::data;
  // RFC 2920 3.1. Who does not wait for the answer to DATA would have a message read as commands
  // when it is refused. A program on a pipe that writes all at once deceives nobody but itself.
  if (last && more && client_.network)
    return end("554 5.5.0 EHLO, HELO and DATA end a group of commands: wait for their answer");
  if (!from_ && ++without_mail_ > policy_.limits.commands_without_mail &&
      command.verb != Verb::quit)
    return end("421 4.7.0 " + policy_.hostname + " Too many commands without a message");
  if (!command.well_formed && command.verb != Verb::mail && command.verb != Verb::rcpt)
    return mistake("501 5.5.4 The command takes another argument");
  switch (command.verb) {
  case Verb::ehlo:
  case Verb::helo: return hello(command);
  case Verb::mail:
    return command.well_formed ? mail(command.argument)
                               : mistake("501 5.5.4 Syntax: MAIL FROM:<address>");
  case Verb::rcpt:
    return command.well_formed ? recipient(command.argument)
                               : mistake("501 5.5.4 Syntax: RCPT TO:<address>");
  case Verb::data: return data();
  case Verb::rset: forget(); return say("250 2.0.0 Ok");
  case Verb::noop: return say("250 2.0.0 Ok");
  case Verb::help: return say("214 2.0.0 RFC 5321; waypost-smtpd(8)");
  // RFC 5321 3.5.3 and 7.3: who is here is nobody's business.
  case Verb::vrfy: return say("252 2.5.0 Send a message, and see");
  case Verb::expn: return mistake("502 5.5.1 Lists are not shown");
  case Verb::quit: return end("221 2.0.0 " + policy_.hostname);
  case Verb::not_implemented: return mistake("502 5.5.1 Not implemented");
  case Verb::other_protocol: return end("554 5.5.1 This is SMTP");
  case Verb::unknown: return mistake("500 5.5.2 Unknown command");
  }
}

void Session::hello(const Command& command) {
  // RFC 5321 4.1.1.1: what follows a space is ignored by many, and refused by us: it is no domain.
  if (!valid_helo(command.argument))
    return mistake("501 5.5.4 Syntax: EHLO domain, or an address in brackets");
  forget(); // RFC 5321 4.1.4
  helo_ = command.argument;
  extended_ = command.verb == Verb::ehlo;
  if (!extended_) return say("250 " + policy_.hostname);
  say("250-" + policy_.hostname + "\n250-PIPELINING\n250-SIZE " + std::to_string(policy_.size_max) +
      "\n250-8BITMIME\n250-SMTPUTF8\n250-DSN\n250-ENHANCEDSTATUSCODES\n250 HELP");
}

void Session::mail(std::string_view argument) {
  if (helo_.empty()) return mistake("503 5.5.1 EHLO or HELO comes first");
  if (from_) return mistake("503 5.5.1 A message is under way: RSET gives it up");
  Answered<MailArgument> given = parse_mail(argument);
  if (!given) return mistake(given.error());
  // RFC 1870 6.1
  if (policy_.size_max != 0 && given->size.value_or(0) > policy_.size_max) {
    return say("552 5.3.4 The message is larger than the limit of " +
               std::to_string(policy_.size_max) + " bytes");
  }
  Address& sender = given->from.sender;
  if (!sender.null() && sender.domain().empty()) {
    auto whole = Address::parse(sender.text() + "@" + policy_.hostname);
    if (!client_.relay || !whole) return mistake("553 5.1.7 The sender needs a domain");
    sender = std::move(*whole);
  }
  from_ = std::move(given->from);
  say("250 2.1.0 Ok");
}

void Session::recipient(std::string_view argument) {
  if (!from_) return mistake("503 5.5.1 MAIL comes first");
  if (recipient_count_ >= policy_.limits.recipients) // RFC 5321 4.5.3.1.10
    return say("452 4.5.3 Too many recipients: send the rest another message");
  const Answered<EnvelopeRecipient> admitted = admit(argument);
  if (admitted) {
    recipients_ += encode(*admitted);
    ++recipient_count_;
    return say("250 2.1.5 Ok");
  }
  any_refused_ = true;
  if (++refused_recipients_ >= policy_.limits.refused_recipients)
    return end("421 4.7.0 " + policy_.hostname + " Too many recipients were refused");
  say(admitted.error());
}

Answered<EnvelopeRecipient> Session::admit(std::string_view argument) const {
  Answered<EnvelopeRecipient> given = parse_rcpt(argument, from_->utf8, client_.relay.value_or(""));
  if (!given) return given;
  const bool bare = given->address.domain().empty();
  // RFC 5321 4.5.1: the postmaster of this machine is reached by everybody.
  const bool postmaster = bare && equal_ignoring_case(given->address.text(), "postmaster");
  if (!client_.relay && !postmaster) {
    const Answer refusal = stranger_to(given->address);
    if (!refusal.empty()) return refuse(refusal);
  }
  if (!bare) return given;
  auto whole = Address::parse(postmaster ? policy_.postmaster
                                         : given->address.text() + "@" + policy_.hostname);
  if (!whole) return refuse("553 5.1.3 The recipient needs a domain");
  given->address = std::move(*whole);
  return given;
}

Answer Session::stranger_to(const Address& recipient) const {
  if (names_ == nullptr || recipient.domain().empty())
    return "550 5.7.1 This host takes mail to nobody from this client";
  switch (names_->find(from_->sender, recipient)) {
  case LocalNames::Standing::here: return {};
  case LocalNames::Standing::nobody: return "550 5.1.1 Nobody here has that name";
  case LocalNames::Standing::elsewhere: return "550 5.7.1 This host does not relay for this client";
  case LocalNames::Standing::unknown: break;
  }
  return "451 4.3.0 Who is here cannot be told now; try later";
}

void Session::data() {
  if (!from_) return mistake("503 5.5.1 MAIL comes first");
  if (recipient_count_ == 0) {
    if (any_refused_) return say("554 5.5.1 No recipient was taken"); // RFC 2920 3.1
    return mistake("503 5.5.1 RCPT comes first");
  }
  Letter::Form form{"", policy_.size_max, client_.relay.has_value()};
  if (client_.relay) form.completion = {policy_.hostname, from_->sender.text(), clock_.wall_us()};
  if (client_.network) {
    const std::string_view protocol = !extended_ ? "SMTP" : from_->utf8 ? "UTF8SMTP" : "ESMTP";
    form.trace = received_field(client_, {helo_, protocol, policy_.hostname, clock_.wall_us()});
  }
  letter_.emplace(door_, std::move(form));
  say("354 End with CRLF.CRLF");
}

void Session::end_of_data() {
  const Answer answer = letter_->finish(encode(*from_) + recipients_ + '\0');
  if (policy_.log) {
    Log(answer.starts_with('2') ? "taken" : "not_taken")
        .add("client", client_.ip)
        .add("from", from_->sender.text())
        .add("recipients", recipient_count_)
        .add("size", letter_->size())
        .add("answer", answer)
        .info();
  }
  forget();
  without_mail_ = 0;
  if (answer.starts_with('2')) mistakes_ = refused_recipients_ = 0;
  waits_since_ = clock_.boot_ms();
  say(answer);
}

void Session::forget() {
  from_.reset();
  letter_.reset();
  recipients_.clear();
  recipient_count_ = 0;
  any_refused_ = false;
}

void Session::time_out() {
  letter_.reset();
  end("421 4.4.2 " + policy_.hostname + " Nothing came in time");
}

void Session::close() {
  closing_ = true;
  end_if_closing();
}

// RFC 5321 3.8: a server that has to go says 421 before it closes.
void Session::end_if_closing() {
  if (!closing_ || from_ || ended_) return;
  end("421 4.3.2 " + policy_.hostname + " The service ends for now; try again later");
}

BootMs Session::deadline() const {
  const Limits& limits = policy_.limits;
  std::uint64_t patience = limits.command_s;
  if (letter_) patience += letter_->size() / std::max<std::uint64_t>(limits.bytes_a_second, 1);
  return std::min(later(began_, limits.session_s), later(waits_since_, patience));
}

void Session::say(std::string_view answer) {
  while (!answer.empty()) {
    replies_ += cut(answer, '\n');
    replies_ += "\r\n";
  }
}

void Session::mistake(std::string_view answer) {
  if (++mistakes_ >= policy_.limits.mistakes)
    return end("421 4.7.0 " + policy_.hostname + " Too many mistakes");
  say(answer);
}

void Session::end(std::string_view answer) {
  say(answer);
  ended_ = true;
}

} // namespace waypost::smtpd
