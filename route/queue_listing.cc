#include "route/queue_listing.h"

#include <memory>
#include <unistd.h>

#include "lib/mail/message_id.h"
#include "lib/sys/json_reader.h"
#include "lib/sys/text.h"
#include "route/complaints.h"

namespace waypost::route {
namespace {

constexpr std::size_t kReadAtOnce = std::size_t{256} << 10;
// A line is a message with all its recipients and their replies.
constexpr std::size_t kMaxLine = std::size_t{1} << 30;

// What has been seen of an object's keys.
enum Seen : unsigned {
  kId = 1,
  kSender = 2,
  kAccount = 4,
  kHand = 8,
  kHeld = 16,
  kRecipients = 32,
  kAddress = 64,
  kState = 128,
  kAttempts = 256,
  kClasses = 512,
  kRefused = 1024,
};

struct Wanted {
  Seen key;
  const char* name;
};

constexpr Wanted kOfMessage[] = {{kId, "id"},     {kSender, "sender"}, {kAccount, "account"},
                                 {kHand, "hand"}, {kHeld, "held"},     {kRecipients, "recipients"}};
constexpr Wanted kOfRecipient[] = {{kAddress, "address"},
                                   {kState, "state"},
                                   {kAttempts, "attempts"},
                                   {kClasses, "classes"},
                                   {kRefused, "refused"}};

template <std::size_t n>
Result<> need_all(const Wanted (&wanted)[n], unsigned seen, const char* whose) {
  for (const Wanted& one : wanted) {
    if ((seen & one.key) == 0) return fail(std::string(whose) + " without \"" + one.name + "\"");
  }
  return {};
}

Result<> bad(const char* key, std::string_view value, const std::string& why) {
  return fail(std::string(key) + ": " + quoted(value) + " " + why);
}

class LineReader {
public:
  explicit LineReader(std::string_view line) : in_(line) {}

  Result<WaitingMessage> read() {
    Result<> read = in_.object([&](std::string_view key) { return message_key(key); });
    if (read) read = in_.end();
    if (read) read = need_all(kOfMessage, seen_, "a message");
    if (!read) return std::unexpected(read.error());
    return std::move(message_);
  }

private:
  Result<> message_key(std::string_view key) {
    if (key == "id") return seen(kId, id());
    if (key == "sender") return seen(kSender, address("sender", message_.sender));
    if (key == "account") return seen(kAccount, in_.text(message_.account));
    if (key == "hand") return seen(kHand, in_.text_or_null(message_.hand));
    if (key == "held") return seen(kHeld, in_.boolean(message_.held));
    if (key != "recipients") return in_.skip();
    return seen(kRecipients, in_.array([&] { return recipient(); }));
  }

  Result<> seen(Seen key, Result<> read) {
    seen_ |= key;
    return read;
  }

  Result<> id() {
    const Result<> read = in_.text(message_.id);
    if (!read || MessageId::parse(message_.id)) return read;
    return bad("id", message_.id, "is no message's id");
  }

  Result<> address(const char* key, Address& out) {
    std::string text;
    const Result<> read = in_.text(text);
    if (!read) return read;
    Result<Address> address = Address::parse(text);
    if (!address) return bad(key, text, "is no mail address");
    out = std::move(*address);
    return {};
  }

  Result<> recipient() {
    one_ = {};
    pending_ = false;
    seen_ &= kAddress - 1;
    Result<> read = in_.object([&](std::string_view key) { return recipient_key(key); });
    if (read) read = need_all(kOfRecipient, seen_, "a recipient");
    if (read && one_.address.null()) read = fail("a recipient without an address");
    if (read && pending_) message_.recipients.push_back(std::move(one_));
    return read;
  }

  Result<> recipient_key(std::string_view key) {
    if (key == "address") return seen(kAddress, address("address", one_.address));
    if (key == "state") return seen(kState, state());
    if (key == "attempts") return seen(kAttempts, attempts());
    if (key == "classes") return seen(kClasses, in_.array([&] { return failure_class(); }));
    if (key == "refused") return seen(kRefused, in_.array([&] { return refused(); }));
    return in_.skip();
  }

  Result<> state() {
    std::string word;
    const Result<> read = in_.text(word);
    if (!read) return read;
    pending_ = word == "pending";
    if (pending_ || word == "delivered" || word == "failed") return {};
    return bad("state", word, "is not pending, delivered or failed");
  }

  Result<> attempts() {
    std::uint64_t number = 0;
    const Result<> read = in_.number(number);
    if (!read) return read;
    if (number >= UINT32_MAX) return fail("attempts: " + std::to_string(number) + " is too large");
    one_.attempts = static_cast<std::uint32_t>(number);
    return {};
  }

  Result<> failure_class() {
    std::string word;
    const Result<> read = in_.text(word);
    if (!read) return read;
    const auto klass = parse_failure_class(word);
    if (!klass || *klass == FailureClass::none) {
      return bad("classes", word, "is no class of failure");
    }
    one_.classes.add(*klass);
    return {};
  }

  Result<> refused() { return in_.text(one_.refused.emplace_back()); }

  JsonReader in_;
  WaitingMessage message_;
  WaitingRecipient one_;
  bool pending_ = false;
  unsigned seen_ = 0;
};

// Bytes to lines: what is left over waits for more.
class Lines {
public:
  explicit Lines(const std::function<void(const WaitingMessage&)>& each) : each_(each) {}

  Result<> feed(std::string_view bytes) {
    for (std::size_t end = bytes.find('\n'); end != std::string_view::npos;
         end = bytes.find('\n')) {
      partial_ += bytes.substr(0, end);
      bytes.remove_prefix(end + 1);
      const Result<> taken = line();
      if (!taken) return taken;
    }
    partial_ += bytes;
    if (partial_.size() > kMaxLine) return fail(where() + "longer than a line can be");
    return {};
  }

  Result<> line() {
    ++number_;
    if (trim(partial_).empty()) {
      partial_.clear();
      return {};
    }
    const Result<WaitingMessage> message = read_listed(partial_);
    if (!message) return fail(where() + message.error().text);
    each_(*message);
    partial_.clear();
    return {};
  }

private:
  [[nodiscard]] std::string where() const { return "line " + std::to_string(number_) + ": "; }

  const std::function<void(const WaitingMessage&)>& each_;
  std::string partial_;
  std::uint64_t number_ = 0;
};

} // namespace

Result<WaitingMessage> read_listed(std::string_view line) {
  return LineReader(line).read();
}

RouteQuery next_query(const WaitingMessage& message, const WaitingRecipient& recipient) {
  RouteQuery query;
  query.account = message.account;
  query.from = message.sender.domain();
  query.to = recipient.address.domain();
  query.attempt = recipient.attempts + 1;
  query.classes = recipient.classes;
  query.refused = recipient.refused;
  query.hand = message.hand;
  return query;
}

Result<> read_listing(int fd, const std::function<void(const WaitingMessage&)>& each) {
  const auto bytes = std::make_unique_for_overwrite<char[]>(kReadAtOnce);
  Lines lines(each);
  for (;;) {
    const ssize_t n = ::read(fd, bytes.get(), kReadAtOnce);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("read the list of messages");
    if (n == 0) return lines.line();
    const Result<> fed = lines.feed({bytes.get(), static_cast<std::size_t>(n)});
    if (!fed) return fed;
  }
}

} // namespace waypost::route
