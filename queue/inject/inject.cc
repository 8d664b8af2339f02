#include "queue/inject/inject.h"

#include <sys/random.h>
#include <sysexits.h>

#include "lib/mail/message_id.h"
#include "lib/sys/text.h"
#include "queue/accept/queue_exit.h"
#include "queue/inject/calling_user.h"
#include "queue/inject/envelope_of.h"
#include "queue/inject/header_completion.h"
#include "queue/inject/header_recipients.h"
#include "queue/inject/message_source.h"
#include "queue/inject/queue_pipe.h"
#include "queue/inject/verp.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kBuffer = std::size_t{64} << 10;

std::unexpected<InjectResult> refuse(int status, std::string text) {
  return std::unexpected(InjectResult{status, std::move(text)});
}

using Step = std::expected<void, InjectResult>;

class Injection {
public:
  Injection(const Arguments& arguments, const Settings& settings, const Queueing& queueing)
      : arguments_(arguments),
        settings_(settings),
        queueing_(queueing),
        source_(arguments.ignore_dots) {}

  Step read_header();
  Step address();
  InjectResult hand_over();
  InjectResult hand_over_each(); // -XV

private:
  // Of the body; empty at its end.
  std::expected<std::string_view, InjectResult> next_body();
  std::string completed_header();
  std::expected<std::string, InjectResult> rest_of_body();
  void send_envelope(QueuePipe& queue, const Address& sender,
                     std::span<const Address> recipients) const;
  [[nodiscard]] InjectResult result(const Result<int>& ended) const;
  [[nodiscard]] InjectResult accepted() const;

  const Arguments& arguments_;
  const Settings& settings_;
  const Queueing& queueing_;
  MessageSource source_;
  CallingUser user_;
  Address sender_;
  std::vector<Address> recipients_;
};

InjectResult unread(const Error& error) {
  return {error.code == 0 ? EX_DATAERR : EX_IOERR, error.text};
}

InjectResult unstarted(const Error& error) {
  return {EX_OSERR, error.text};
}

std::expected<std::string_view, InjectResult> Injection::next_body() {
  const Result<std::string_view> piece = source_.next_body();
  if (!piece) return std::unexpected(unread(piece.error()));
  return *piece;
}

Step Injection::read_header() {
  const Result<> read = source_.read_header();
  if (!read) return std::unexpected(unread(read.error()));
  return {};
}

Step Injection::address() {
  const bool needs_name = needs_author(source_.header()) && !arguments_.gateway;
  if (!arguments_.sender || needs_name) user_ = calling_user();
  const Result<Address> sender =
      sender_address(arguments_.sender.value_or(user_.login), settings_.hostname);
  if (!sender) return refuse(EX_DATAERR, "sender: " + sender.error().text);
  sender_ = *sender;
  std::vector<std::string> from_header;
  if (arguments_.from_header) {
    auto found = header_recipients(source_.header());
    if (!found) return refuse(EX_DATAERR, found.error().text);
    from_header = std::move(*found);
  }
  auto recipients = recipient_addresses(arguments_.recipients, from_header, settings_.hostname);
  if (!recipients) return refuse(EX_DATAERR, "recipient: " + recipients.error().text);
  if (recipients->empty()) return refuse(EX_USAGE, "no recipients");
  recipients_ = std::move(*recipients);
  if (arguments_.verp && sender_.null()) return refuse(EX_USAGE, "-XV needs a sender");
  return {};
}

std::string Injection::completed_header() {
  Completion completion;
  completion.gateway = arguments_.gateway;
  completion.now = RealClock().wall_us();
  std::uint32_t random = 0;
  [[maybe_unused]] const ssize_t n = ::getrandom(&random, sizeof random, 0);
  completion.message_id = MessageId::make(completion.now, random).text() + "@" + settings_.hostname;
  completion.author.full_name = arguments_.full_name.value_or(user_.full_name);
  completion.author.address = sender_.text();
  if (sender_.null()) {
    completion.author = {"Mail Delivery System", "MAILER-DAEMON@" + settings_.hostname};
  }
  HeaderSection& header = source_.header();
  return complete_header(header, completion) + header.body_begin();
}

void Injection::send_envelope(QueuePipe& queue, const Address& sender,
                              std::span<const Address> recipients) const {
  std::string bytes = encode(envelope_sender(arguments_, sender, recipients));
  for (const Address& address : recipients) {
    bytes += encode(EnvelopeRecipient{address, arguments_.notify, {}});
    if (bytes.size() < kBuffer) continue;
    queue.envelope(bytes);
    bytes.clear();
  }
  bytes += '\0';
  queue.envelope(bytes);
}

InjectResult Injection::hand_over() {
  // -v wants to hear of a success.
  Result<QueuePipe> queue =
      arguments_.verbose ? QueuePipe::start(queueing_.program) : QueuePipe::fill(queueing_.program);
  if (!queue) return unstarted(queue.error());
  std::string begin = completed_header();
  for (;;) {
    const auto piece = next_body();
    if (!piece) {
      queue->abandon();
      return piece.error();
    }
    // The first piece leaves together with the header section.
    if (!begin.empty()) queue->message(begin.append(*piece));
    if (piece->empty()) break;
    if (begin.empty()) queue->message(*piece);
    begin.clear();
  }
  queue->end_message();
  send_envelope(*queue, sender_, recipients_);
  if (!arguments_.verbose) queue->become(queueing_.speaker);
  const InjectResult ended = result(queue->finish());
  return ended.status == EX_OK ? accepted() : ended;
}

std::expected<std::string, InjectResult> Injection::rest_of_body() {
  std::string body;
  for (;;) {
    const auto piece = next_body();
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) return body;
    body += *piece;
    if (settings_.size_max != 0 && body.size() > settings_.size_max)
      return std::unexpected(result(static_cast<int>(QueueExit::too_large)));
  }
}

// A message for each recipient cannot be all or nothing. So every sender is made before the first
// message is handed over, and where it breaks off, the text says how far it came.
InjectResult Injection::hand_over_each() {
  std::vector<Address> senders;
  for (const Address& recipient : recipients_) {
    Result<Address> sender = verp_sender(sender_, recipient, *arguments_.verp);
    if (!sender) return {EX_DATAERR, "-XV: " + sender.error().text};
    senders.push_back(std::move(*sender));
  }
  const std::string header = completed_header();
  const auto body = rest_of_body();
  if (!body) return body.error();
  for (std::size_t i = 0; i < recipients_.size(); ++i) {
    Result<QueuePipe> queue = QueuePipe::start(queueing_.program);
    if (queue) {
      queue->message(header);
      queue->message(*body);
      queue->end_message();
      send_envelope(*queue, senders[i], {&recipients_[i], 1});
    }
    InjectResult broken = queue ? result(queue->finish()) : unstarted(queue.error());
    if (broken.status == EX_OK) continue;
    if (i != 0)
      broken.text += "; the first " + std::to_string(i) + " of " +
                     std::to_string(recipients_.size()) + " recipients have theirs";
    return broken;
  }
  return accepted();
}

// What -v tells.
InjectResult Injection::accepted() const {
  if (!arguments_.verbose) return {};
  return {EX_OK, "safe in the queue: from <" + sender_.text() + "> to " +
                     std::to_string(recipients_.size()) +
                     (recipients_.size() == 1 ? " recipient" : " recipients")};
}

InjectResult Injection::result(const Result<int>& ended) const {
  if (!ended) return unstarted(ended.error());
  if (*ended == 0) return {};
  std::string text = "the message was not accepted: ";
  text += explain_queue_exit(*ended);
  if (*ended == static_cast<int>(QueueExit::too_large))
    text += ": larger than size_max (" + std::to_string(settings_.size_max) + " bytes)";
  return {sysexit_for(*ended), std::move(text)};
}

} // namespace

InjectResult inject(const Arguments& arguments, const Settings& settings,
                    const Queueing& queueing) {
  Injection injection(arguments, settings, queueing);
  Step step = injection.read_header();
  if (step) step = injection.address();
  if (!step) return step.error();
  return arguments.verp ? injection.hand_over_each() : injection.hand_over();
}

} // namespace waypost::queue
