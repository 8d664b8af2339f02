#include "queue/inject/inject.h"

#include <array>
#include <cstdlib>
#include <sys/random.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/mail/message_id.h"
#include "lib/sys/passwd.h"
#include "lib/sys/privilege.h"
#include "queue/accept/queue_exit.h"
#include "queue/inject/dot_stop.h"
#include "queue/inject/envelope_of.h"
#include "queue/inject/header_completion.h"
#include "queue/inject/header_recipients.h"
#include "queue/inject/queue_pipe.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kBuffer = std::size_t{64} << 10;

std::unexpected<InjectResult> refuse(int status, std::string text) {
  return std::unexpected(InjectResult{status, std::move(text)});
}

using Step = std::expected<void, InjectResult>;

// The user who calls, as /etc/passwd or the environment knows it.
struct User {
  std::string login;
  std::string full_name;
};

User calling_user() {
  if (const auto entry = find_passwd_uid(caller_uid()))
    return {entry->name, gecos_name(entry->gecos, entry->name)};
  // A directory service's user: the login shell has said who it is. The queue stores the uid
  // itself, so nothing but the look of the address depends on it.
  const char* logname = std::getenv("LOGNAME");
  if (logname != nullptr) {
    const auto address = Address::parse(logname);
    if (address && !address->null() && address->domain().empty()) return {logname, ""};
  }
  return {"uid" + std::to_string(caller_uid()), ""};
}

class Injection {
public:
  Injection(const Arguments& arguments, const Settings& settings)
      : arguments_(arguments),
        settings_(settings),
        dots_(arguments.ignore_dots) {}

  Step read_header();
  Step address();
  InjectResult hand_over(const std::string& queue_program);

private:
  // The next bytes of the message; empty at its end.
  std::expected<std::string_view, InjectResult> next();
  std::string completed_header();
  void send_envelope(QueuePipe& queue) const;
  InjectResult result(int status) const;

  const Arguments& arguments_;
  const Settings& settings_;
  DotStop dots_;
  bool end_of_input_ = false;
  std::array<char, kBuffer> buffer_;
  std::string_view unread_; // in the buffer, not yet through dots_
  std::string_view body_;   // through dots_, behind the header section
  HeaderSection header_;
  User user_;
  Address sender_;
  std::vector<Address> recipients_;
};

std::expected<std::string_view, InjectResult> Injection::next() {
  for (;;) {
    while (!unread_.empty() && !dots_.ended()) {
      const std::string_view piece = dots_.next(unread_);
      if (!piece.empty()) return piece;
    }
    if (dots_.ended() || end_of_input_) return std::string_view();
    ssize_t n = ::read(STDIN_FILENO, buffer_.data(), buffer_.size());
    while (n < 0 && errno == EINTR)
      n = ::read(STDIN_FILENO, buffer_.data(), buffer_.size());
    if (n < 0) return refuse(EX_IOERR, fail_errno("cannot read the message").error().text);
    end_of_input_ = n == 0;
    unread_ = {buffer_.data(), static_cast<std::size_t>(n)};
  }
}

Step Injection::read_header() {
  for (;;) {
    const auto piece = next();
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) {
      header_.finish();
      return {};
    }
    body_ = *piece;
    const Result<bool> ended = header_.feed(body_);
    if (!ended) return refuse(EX_DATAERR, ended.error().text);
    if (*ended) return {};
  }
}

Step Injection::address() {
  if (!arguments_.sender || needs_author(header_)) user_ = calling_user();
  const Result<Address> sender =
      sender_address(arguments_.sender.value_or(user_.login), settings_.hostname);
  if (!sender) return refuse(EX_DATAERR, "sender: " + sender.error().text);
  sender_ = *sender;
  std::vector<std::string> from_header;
  if (arguments_.from_header) {
    auto found = header_recipients(header_);
    if (!found) return refuse(EX_DATAERR, found.error().text);
    from_header = std::move(*found);
  }
  auto recipients = recipient_addresses(arguments_.recipients, from_header, settings_.hostname);
  if (!recipients) return refuse(EX_DATAERR, "recipient: " + recipients.error().text);
  if (recipients->empty()) return refuse(EX_USAGE, "no recipients");
  recipients_ = std::move(*recipients);
  return {};
}

std::string Injection::completed_header() {
  Completion completion;
  completion.now = RealClock().wall_us();
  std::uint32_t random = 0;
  [[maybe_unused]] const ssize_t n = ::getrandom(&random, sizeof random, 0);
  completion.message_id = MessageId::make(completion.now, random).text() + "@" + settings_.hostname;
  completion.author.full_name = arguments_.full_name.value_or(user_.full_name);
  completion.author.address = sender_.text();
  if (sender_.null()) {
    completion.author = {"Mail Delivery System", "MAILER-DAEMON@" + settings_.hostname};
  }
  return complete_header(header_, completion) + header_.body_begin();
}

void Injection::send_envelope(QueuePipe& queue) const {
  std::string bytes = encode(envelope_sender(arguments_, sender_, recipients_));
  for (const Address& address : recipients_) {
    bytes += encode(EnvelopeRecipient{address, arguments_.notify, {}});
    if (bytes.size() < kBuffer) continue;
    queue.envelope(bytes);
    bytes.clear();
  }
  bytes += '\0';
  queue.envelope(bytes);
}

InjectResult Injection::hand_over(const std::string& queue_program) {
  Result<QueuePipe> queue = QueuePipe::start(queue_program);
  if (!queue) return {EX_OSERR, queue.error().text};
  std::string begin = completed_header();
  begin += body_;
  queue->message(begin);
  bool first = body_.empty();
  for (;;) {
    auto piece = next();
    if (!piece) { // without an envelope nothing is queued
      [[maybe_unused]] const int status = queue->finish();
      return piece.error();
    }
    if (piece->empty()) break;
    if (first) header_.complete_line_end(*piece);
    first = false;
    queue->message(*piece);
  }
  queue->end_message();
  send_envelope(*queue);
  return result(queue->finish());
}

InjectResult Injection::result(int status) const {
  if (status == 0) return {};
  std::string text = "the message was not accepted: ";
  text += explain_queue_exit(status);
  if (status == static_cast<int>(QueueExit::too_large))
    text += ": larger than size_max (" + std::to_string(settings_.size_max) + " bytes)";
  return {sysexit_for(status), std::move(text)};
}

} // namespace

InjectResult inject(const Arguments& arguments, const Settings& settings,
                    const std::string& queue_program) {
  Injection injection(arguments, settings);
  Step step = injection.read_header();
  if (step) step = injection.address();
  if (!step) return step.error();
  return injection.hand_over(queue_program);
}

} // namespace waypost::queue
