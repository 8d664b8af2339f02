#include "queue/inject/other_modes.h"

#include <algorithm>
#include <sysexits.h>
#include <unistd.h>

#include "lib/sys/text.h"
#include "queue/inject/calling_user.h"
#include "queue/inject/envelope_of.h"
#include "queue/inject/newaliases.h"
#include "queue/inject/run_program.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kMostLines = std::size_t{1} << 20; // of bytes

InjectResult list_queue() {
  return {EX_UNAVAILABLE, become_program({"waypost-list", "--mailq"}).text};
}

// Of the commands' statuses, in sysexits(3).
int sysexit_of(int status) {
  if (status == 0) return EX_OK;
  return status == 100 ? EX_DATAERR : EX_TEMPFAIL;
}

// sendmail -bt without addresses reads them, one a line.
Result<std::vector<std::string>> read_lines() {
  std::string bytes;
  for (;;) {
    char some[4096];
    const ssize_t n = ::read(STDIN_FILENO, some, sizeof some);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("cannot read addresses");
    if (n == 0) break;
    bytes.append(some, static_cast<std::size_t>(n));
    if (bytes.size() > kMostLines) return fail("too many addresses");
  }
  std::vector<std::string> lines;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    std::string_view line = cut(rest, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!trim(line).empty()) lines.emplace_back(line);
  }
  return lines;
}

InjectResult explain(const Arguments& arguments, const Settings& settings) {
  std::vector<std::string> texts = arguments.recipients;
  if (texts.empty()) {
    Result<std::vector<std::string>> lines = read_lines();
    if (!lines) return {EX_IOERR, lines.error().text};
    texts = std::move(*lines);
  }
  const std::string login = calling_user().login;
  const auto sender = sender_address(arguments.sender.value_or(login), settings.hostname);
  if (!sender) return {EX_DATAERR, "sender: " + sender.error().text};
  const auto recipients = recipient_addresses(texts, {}, settings.hostname);
  if (!recipients) return {EX_DATAERR, "recipient: " + recipients.error().text};
  if (recipients->empty()) return {EX_USAGE, "no addresses"};
  const std::string from = sender->null() ? "<>" : sender->text();
  int worst = EX_OK;
  for (const Address& to : *recipients) {
    const Result<int> status =
        run_program({"waypost-route", "--account", login, "--", from, to.text()}, Output::shown);
    if (!status) return {EX_UNAVAILABLE, status.error().text};
    worst = std::max(worst, sysexit_of(*status));
  }
  return {worst, ""};
}

// Postfix lets everybody flush, Exim its administrators. Here root and the group wayadmin may; for
// others nothing happens and nothing is wrong: the queue runs by itself, and the scripts that call
// this are older than such queues.
InjectResult flush(const Flush& what) {
  const bool root = ::geteuid() == 0;
  const Result<int> status =
      run_program(kick_command(what), root ? Output::errors_only : Output::none);
  if (!root) return {};
  if (!status) return {EX_UNAVAILABLE, status.error().text};
  return {sysexit_of(*status), ""};
}

} // namespace

std::vector<std::string> kick_command(const Flush& flush) {
  switch (flush.what) {
  case Flush::What::all: break;
  case Flush::What::id: return {"waypost-kick", "--", flush.value};
  case Flush::What::sender: return {"waypost-kick", "--from", flush.value};
  case Flush::What::recipient:
    if (flush.value.find('@', 1) != std::string::npos) return {"waypost-kick", "--to", flush.value};
    return {"waypost-kick", "--domain", flush.value.substr(flush.value.starts_with('@') ? 1 : 0)};
  }
  return {"waypost-kick", "--all"};
}

InjectResult run_other_mode(const Arguments& arguments, const Settings& settings) {
  switch (arguments.mode) {
  case InjectMode::deliver:
  case InjectMode::nothing: return {};
  case InjectMode::list: return list_queue();
  case InjectMode::newaliases: return {rebuild_aliases(), ""};
  case InjectMode::explain: return explain(arguments, settings);
  case InjectMode::flush: return flush(arguments.flush);
  case InjectMode::smtp:
    return {EX_UNAVAILABLE, become_program({"waypost-smtpd", "--caller"}).text};
  }
  return {};
}

} // namespace waypost::queue
