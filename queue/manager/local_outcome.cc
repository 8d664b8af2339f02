#include "queue/manager/local_outcome.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <sysexits.h>

#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

// qmail-command(8): what a program says of a message for good.
constexpr int kQmailSkipRest = 99; // done, and nothing more to do
constexpr std::array kForGood{EX_USAGE,       EX_DATAERR,  EX_NOINPUT, EX_NOUSER,    EX_NOHOST,
                              EX_UNAVAILABLE, EX_SOFTWARE, EX_OSFILE,  EX_CANTCREAT, EX_IOERR,
                              EX_PROTOCOL,    EX_NOPERM,   EX_CONFIG,  100,          112};

// RFC 3463: what comes nearest to the exit status.
EnhancedCode status_of(int exit) {
  switch (exit) {
  case EX_NOUSER: return {5, 1, 1};
  case EX_DATAERR: return {5, 6, 0};
  case EX_CANTCREAT: return {5, 2, 0};
  case EX_NOPERM: return {5, 7, 0};
  case EX_CONFIG: return {5, 3, 5};
  default: return {5, 3, 0};
  }
}

// "550 5.1.1 no such user": a server's reply, of the wanted kind.
bool take_reply(Outcome& outcome, std::string_view text, char kind) {
  if (text.size() < 4 || text[0] != kind || text[3] != ' ') return false;
  const auto code = parse_number(text.substr(0, 3), 599);
  if (!code) return false;
  outcome.code = static_cast<int>(*code);
  outcome.reply = text.substr(4);
  const auto status = EnhancedCode::parse(outcome.reply);
  if (status && status->klass == kind - '0') outcome.status = *status;
  return true;
}

Outcome waits(std::string_view text, const std::string& otherwise) {
  Outcome outcome;
  outcome.klass = FailureClass::mailbox;
  outcome.status = {4, 3, 0};
  outcome.reply = text.empty() ? otherwise : std::string(text);
  static_cast<void>(take_reply(outcome, text, '4'));
  return outcome;
}

Outcome delivered(std::string_view text, std::string_view type) {
  Outcome outcome;
  outcome.disposition = Disposition::delivered;
  outcome.status = {2, 0, 0};
  outcome.reply = text.empty() ? "delivered by " + std::string(type) : std::string(text);
  static_cast<void>(take_reply(outcome, text, '2'));
  return outcome;
}

Outcome ended(int exit, std::string_view text, std::string_view type) {
  if (exit == EX_OK || exit == kQmailSkipRest) return delivered(text, type);
  const std::string otherwise = std::string(type) + " ended with status " + std::to_string(exit);
  if (std::ranges::find(kForGood, exit) == kForGood.end()) return waits(text, otherwise);
  Outcome outcome;
  outcome.disposition = Disposition::failed;
  outcome.klass = exit == EX_DATAERR ? FailureClass::content : FailureClass::mailbox;
  outcome.status = status_of(exit);
  outcome.reply = text.empty() ? otherwise : std::string(text);
  static_cast<void>(take_reply(outcome, text, '5'));
  return outcome;
}

} // namespace

Outcome local_outcome(const LocalResult& result, std::string_view type) {
  const std::string text = printable(trim(result.text));
  switch (result.kind) {
  case LocalResult::Kind::ended: return ended(result.number, text, type);
  case LocalResult::Kind::killed:
    return waits(text, std::string(type) + " was ended by signal " + std::to_string(result.number));
  case LocalResult::Kind::refused: {
    Outcome outcome = waits(text, "not delivered");
    outcome.klass = FailureClass::other;
    outcome.tried = false;
    return outcome;
  }
  case LocalResult::Kind::unknown: break;
  }
  Outcome outcome = ended(EX_NOUSER, text, type);
  outcome.tried = false;
  return outcome;
}

LocalResult delivered_before(std::uint64_t job) {
  LocalResult result;
  result.job = job;
  result.number = EX_SOFTWARE;
  result.text = "550 5.4.6 mail loop: the message was delivered to this address before";
  return result;
}

} // namespace waypost::queue
