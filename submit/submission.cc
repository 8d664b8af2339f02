#include "submit/submission.h"

#include <algorithm>
#include <cstring>
#include <sysexits.h>

#include "deliver/confinement.h"
#include "deliver/dialogue_lines.h"
#include "deliver/policy.h"
#include "deliver/start.h"
#include "lib/sys/confine.h"
#include "lib/sys/text.h"
#include "submit/letter.h"

namespace waypost::submit {
namespace {

// What became of one recipient of the head.
struct End {
  const Address& recipient;
  Outcome outcome;
  std::string host;
};

bool arrived(const End& end) {
  return end.outcome.disposition == Disposition::delivered ||
         end.outcome.disposition == Disposition::relayed;
}

Outcome cut_short(int signal) {
  const char* const name = ::sigabbrev_np(signal);
  return deliver::own_trouble(std::string("interrupted by SIG") + (name == nullptr ? "?" : name) +
                              "; it may have been delivered");
}

std::vector<End> ends_of(const SavedHead& head, const Letter& letter, const Sent& sent,
                         int signal) {
  std::vector<End> ends;
  for (std::size_t i = 0; i < head.recipients.size(); ++i) {
    End end{head.recipients[i], {}, {}};
    const std::size_t number = letter.numbers[i];
    if (letter.unsendable[i]) {
      end.outcome = *letter.unsendable[i];
    } else if (number < sent.outcomes.size() && sent.outcomes[number]) {
      end.outcome = *sent.outcomes[number];
      end.host = sent.hosts[number];
    } else {
      end.outcome = cut_short(signal);
    }
    ends.push_back(std::move(end));
  }
  return ends;
}

// A line each; one for all where all failed alike, as when the server cannot be reached.
std::vector<std::string> reasons_of(const std::vector<End>& failed) {
  const auto same = [&](const End& one) {
    return one.outcome == failed.front().outcome && one.host == failed.front().host;
  };
  if (failed.size() > 1 && std::ranges::all_of(failed, same)) {
    const Address everybody = *Address::parse("all-recipients");
    std::string line = failure_line(everybody, failed.front().outcome, failed.front().host);
    return {"to none of " + std::to_string(failed.size()) + " recipients" +
            line.substr(everybody.text().size())};
  }
  std::vector<std::string> lines;
  for (const End& one : failed)
    lines.push_back(failure_line(one.recipient, one.outcome, one.host));
  return lines;
}

// The file now holds those who have nothing yet; whatever fails, it holds all.
std::string keep(SavedMessage& message, const std::vector<End>& failed,
                 const std::vector<std::string>& reasons, std::size_t all) {
  SavedHead rest = message.head();
  rest.recipients.clear();
  for (const End& one : failed)
    rest.recipients.push_back(one.recipient);
  rest.reasons = reasons;
  const std::string count = "not sent to " + std::to_string(failed.size()) + " of " +
                            std::to_string(all) + (all == 1 ? " recipient; " : " recipients; ");
  if (message.path().empty())
    return count + "NOT SAVED, so that whoever called has the only copy: " + message.unsaved();
  const Result<> kept = message.keep_for(rest);
  if (kept) return count + where_it_is(message);
  return count + where_it_is(message) +
         ", with those recipients who have it as well, for it cannot be changed: " +
         kept.error().text;
}

} // namespace

std::string where_it_is(const SavedMessage& message) {
  if (message.path().empty()) return "not saved: " + message.unsaved();
  return "saved in " + message.path() + " (waypost submit --resend FILE sends it)";
}

Submission::Submission(Fs& fs, const SubmitConfig& config, SubmissionWishes wishes)
    : fs_(fs),
      config_(config),
      wishes_(wishes),
      interrupt_(loop_) {}

Submission::~Submission() = default;

Result<> Submission::prepare(const std::vector<std::string>& folders) {
  Result<std::unique_ptr<LoginLine>> login = LoginLine::start(config_);
  if (!login) return std::unexpected(login.error());
  login_ = std::move(*login);
  deliver::Start start;
  start.settings = config_.settings;
  start.transport = config_.transport;
  Promises promises = deliver::promises_of_sender(start, false);
  promises.write = folders;
  confine(promises, EX_OSERR);
  Result<Fd> line = login_->take(loop_);
  if (!line) return std::unexpected(line.error());
  delivery_ =
      std::make_unique<Delivery>(loop_, config_.settings, config_.transport, std::move(*line));
  return {};
}

net::Task<> Submission::carry(const Job& job, int message) {
  co_await delivery_->run(job, message);
  loop_.stop();
}

Report Submission::send(SavedMessage& message) {
  const Result<bool> eight_bit = has_eight_bit(fs_, message);
  if (!eight_bit) return {EX_IOERR, {eight_bit.error().text + "; " + where_it_is(message)}};
  const Letter letter = letter_of(message, config_, *eight_bit);
  Sent sent;
  if (!letter.job.recipients.empty()) {
    net::Task<> task = carry(letter.job, message.descriptor());
    task.start();
    while (!task.done() && !interrupted())
      loop_.run();
    sent = delivery_->take();
  }
  Report report;
  if (wishes_.debug) {
    const std::string dialogue = deliver::dialogue_text(sent.dialogue, "");
    for (const std::string_view line : split(dialogue, '\n'))
      if (!line.empty()) report.lines.emplace_back(line);
  }
  const std::vector<End> ends = ends_of(message.head(), letter, sent, interrupt_.signal());
  std::vector<End> failed;
  std::vector<Outcome> failures;
  for (const End& one : ends) {
    if (arrived(one) && wishes_.verbose)
      report.lines.push_back(failure_line(one.recipient, one.outcome, one.host));
    if (arrived(one)) continue;
    failed.push_back(one);
    failures.push_back(one.outcome);
  }
  report.status = status_of_all(failures);
  if (failed.empty()) {
    const Result<> removed = message.remove();
    if (!removed)
      report.lines.push_back("sent, but " + message.path() +
                             " cannot be removed: " + removed.error().text);
    return report;
  }
  const std::vector<std::string> reasons = reasons_of(failed);
  const std::string kept = keep(message, failed, reasons, ends.size());
  for (const std::string& step : sent.steps)
    report.lines.push_back("tried before: " + printable(step));
  report.lines.insert(report.lines.end(), reasons.begin(), reasons.end());
  report.lines.push_back(printable(kept));
  return report;
}

} // namespace waypost::submit
