#include "submit/message_in.h"

#include <sys/random.h>
#include <sysexits.h>
#include <unordered_set>

#include "lib/mail/address_list.h"
#include "lib/mail/message_id.h"
#include "lib/mail/wire_form.h"
#include "lib/sys/clock.h"
#include "lib/sys/text.h"
#include "queue/inject/calling_user.h"
#include "queue/inject/envelope_of.h"
#include "queue/inject/header_completion.h"
#include "queue/inject/header_recipients.h"
#include "queue/inject/message_source.h"
#include "submit/letter.h"
#include "submit/places.h"

namespace waypost::submit {
namespace {

constexpr std::size_t kBlock = std::size_t{64} << 10;

std::unexpected<Report> refuse(int status, const std::string& text) {
  return std::unexpected(Report{status, {printable(text)}});
}

// Gathers addresses, each once. Local names stay as they are: letter.h makes them whole when the
// message is sent, so that one which waits for a better configuration goes by that.
class Recipients {
public:
  Result<> add(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      Result<Address> address = Address::parse(text);
      if (!address) return std::unexpected(address.error());
      if (address->null()) continue;
      if (seen_.insert(address->text()).second) all_.push_back(std::move(*address));
    }
    return {};
  }
  [[nodiscard]] std::vector<Address> take() { return std::move(all_); }

private:
  std::vector<Address> all_;
  std::unordered_set<std::string> seen_;
};

// On a command line a line end is no folding, it is an attack or a mistake.
Result<std::vector<std::string>> addresses_in(std::string_view argument) {
  if (argument.find_first_of("\r\n") != std::string_view::npos)
    return fail("a line end in an address is refused");
  return parse_address_list(argument);
}

Result<Address> sender_of(const queue::Arguments& arguments) {
  if (!arguments.sender) return Address::parse(queue::calling_user().login);
  const auto list = addresses_in(*arguments.sender);
  if (!list) return std::unexpected(list.error());
  if (list->empty()) return Address();
  if (list->size() > 1) return fail("more than one sender");
  return Address::parse(list->front());
}

std::string completed_header(const queue::Arguments& arguments, const SubmitConfig& config,
                             const Address& sender, queue::HeaderSection& header) {
  queue::Completion completion;
  completion.gateway = arguments.gateway;
  completion.now = RealClock().wall_us();
  std::uint32_t random = 0;
  [[maybe_unused]] const ssize_t n = ::getrandom(&random, sizeof random, 0);
  completion.message_id =
      MessageId::make(completion.now, random).text() + "@" + config.settings.hostname;
  completion.author.full_name = arguments.full_name.value_or(queue::calling_user().full_name);
  completion.author.address = whole_sender(sender, config).text();
  if (sender.null())
    completion.author = {"Mail Delivery System", "MAILER-DAEMON@" + config.settings.hostname};
  return complete_header(header, completion) + header.body_begin();
}

// Into the file in wire form, in large pieces.
class WireWriter {
public:
  explicit WireWriter(SavedMessage& to) : to_(to) {}

  Result<> add(std::string_view bytes) {
    while (!bytes.empty()) {
      block_ += form_.next(bytes);
      if (block_.size() < kBlock) continue;
      const Result<> written = flush();
      if (!written) return written;
    }
    return {};
  }
  Result<> finish() {
    block_ += form_.finish();
    return flush();
  }

private:
  Result<> flush() {
    Result<> written = to_.append(block_);
    block_.clear();
    return written;
  }

  SavedMessage& to_;
  WireForm form_;
  std::string block_;
};

} // namespace

std::expected<SavedHead, Report> envelope_for(const queue::Arguments& arguments,
                                              const queue::HeaderSection& header) {
  const Result<Address> sender = sender_of(arguments);
  if (!sender) return refuse(EX_DATAERR, "sender: " + sender.error().text);
  Recipients recipients;
  for (const std::string& argument : arguments.recipients) {
    const auto list = addresses_in(argument);
    const Result<> added = list ? recipients.add(*list) : std::unexpected(list.error());
    if (!added) return refuse(EX_DATAERR, "recipient: " + added.error().text);
  }
  if (arguments.from_header) {
    const auto found = queue::header_recipients(header);
    if (!found) return refuse(EX_DATAERR, found.error().text);
    const Result<> added = recipients.add(*found);
    if (!added) return refuse(EX_DATAERR, "recipient: " + added.error().text);
  }
  SavedHead head;
  head.recipients = recipients.take();
  if (head.recipients.empty()) return refuse(EX_USAGE, "no recipients");
  head.sender = queue::envelope_sender(arguments, *sender, head.recipients);
  head.notify = arguments.notify;
  return head;
}

std::expected<SavedMessage, Report> take_message(Fs& fs, const queue::Arguments& arguments,
                                                 const SubmitConfig& config) {
  queue::MessageSource source(arguments.ignore_dots);
  const Result<> read = source.read_header();
  if (!read) return refuse(read.error().code == 0 ? EX_DATAERR : EX_IOERR, read.error().text);
  const auto head = envelope_for(arguments, source.header());
  if (!head) return std::unexpected(head.error());
  const std::string folder = config.save.empty() ? save_folder() : expand_home(config.save);
  Result<SavedMessage> message = SavedMessage::create(fs, folder, *head);
  if (!message) return refuse(EX_IOERR, message.error().text);
  WireWriter writer(*message);
  Result<> written =
      writer.add(completed_header(arguments, config, head->sender.sender, source.header()));
  while (written) {
    const Result<std::string_view> piece = source.next_body();
    if (!piece) return refuse(EX_IOERR, piece.error().text);
    if (piece->empty()) break;
    written = writer.add(*piece);
  }
  if (written) written = writer.finish();
  if (written) written = message->finish();
  if (!written) return refuse(EX_IOERR, "not sent, and not saved: " + written.error().text);
  return std::move(*message);
}

} // namespace waypost::submit
