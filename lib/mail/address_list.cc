#include "lib/mail/address_list.h"

#include <optional>

#include "lib/sys/text.h"

namespace waypost {
namespace {

bool white(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Splits into atoms, quoted strings, domain literals and specials; white space and comments only
// separate.
class Tokens {
public:
  explicit Tokens(std::string_view text) : rest_(text) {}

  struct Token {
    std::string_view text;
    bool special = false; // one of < > @ , ; : .
    bool apart = false;   // white space or a comment stood before it
  };

  // None at the end; an error when a comment, a quoted string or a literal has no end.
  Result<std::optional<Token>> next() {
    bool apart = false;
    while (!rest_.empty() && (white(rest_.front()) || rest_.front() == '(')) {
      apart = true;
      if (rest_.front() == '(' && !skip_comment())
        return fail("a comment has no end");
      else if (!rest_.empty() && white(rest_.front()))
        rest_.remove_prefix(1);
    }
    if (rest_.empty()) return std::nullopt;
    if (kSpecials.find(rest_.front()) != std::string_view::npos) return Token{take(1), true, apart};
    if (rest_.front() == '"') return enclosed('"', "a quoted string has no end", apart);
    if (rest_.front() == '[') return enclosed(']', "a domain literal has no end", apart);
    const std::size_t end = rest_.find_first_of(" \t\r\n(\"[<>@,;:.");
    return Token{take(end), false, apart};
  }

private:
  static constexpr std::string_view kSpecials = "<>@,;:.";

  std::string_view take(std::size_t length) {
    const std::string_view text = rest_.substr(0, length);
    rest_.remove_prefix(text.size());
    return text;
  }

  // RFC 5322 3.2.2: comments nest.
  bool skip_comment() {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '\\') {
        ++i;
      } else if (rest_[i] == '(') {
        ++depth;
      } else if (rest_[i] == ')' && --depth == 0) {
        rest_.remove_prefix(i + 1);
        return true;
      }
    }
    return false;
  }

  Result<std::optional<Token>> enclosed(char end, const char* unended, bool apart) {
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '\\')
        ++i;
      else if (rest_[i] == end)
        return Token{take(i + 1), false, apart};
    }
    return fail(unended);
  }

  std::string_view rest_;
};

// Gathers one mailbox after the other.
class Mailboxes {
public:
  explicit Mailboxes(std::string_view text) : text_(text) {}

  Result<> take(const Tokens::Token& token) {
    if (!token.special) return word(token);
    switch (token.text.front()) {
    case ',': return angle_ == Angle::inside ? route() : end_mailbox();
    case ';': return end_mailbox();
    case ':': return angle_ == Angle::inside ? route() : group();
    case '<': return open_angle();
    case '>': return close_angle();
    default: return connect(token);
    }
  }

  Result<> end_mailbox() {
    if (angle_ == Angle::inside) return fail("'<' without '>'");
    const bool broken = phrase_ && angle_ == Angle::none;
    if (broken) return fail("not an address: " + printable(current_));
    if (!current_.empty()) found_.push_back({std::move(current_), begin_, end_ - begin_});
    reset();
    return {};
  }

  [[nodiscard]] std::vector<ListedAddress> found() { return std::move(found_); }

private:
  enum class Angle : std::uint8_t { none, inside, behind };

  // Words that only white space divides are a display name, unless no '<' follows: then they are a
  // mistake.
  Result<> word(const Tokens::Token& token) {
    if (angle_ == Angle::behind) return fail("text behind '>': " + printable(token.text));
    if (!current_.empty() && !connected_) phrase_ = true;
    if (phrase_ && angle_ == Angle::inside) return fail("not an address: " + printable(current_));
    append(token.text);
    connected_ = false;
    return {};
  }

  // '.' or '@': joins what stands before and behind it.
  Result<> connect(const Tokens::Token& token) {
    if (angle_ == Angle::behind) return fail("text behind '>': " + printable(token.text));
    append(token.text);
    connected_ = true;
    return {};
  }

  void append(std::string_view token) {
    const auto at = static_cast<std::size_t>(token.data() - text_.data());
    if (current_.empty()) begin_ = at;
    end_ = at + token.size();
    current_ += token;
  }

  Result<> open_angle() {
    if (angle_ != Angle::none) return fail("more than one '<' in an address");
    reset();
    angle_ = Angle::inside;
    return {};
  }

  Result<> close_angle() {
    if (angle_ != Angle::inside) return fail("'>' without '<'");
    angle_ = Angle::behind;
    return {};
  }

  // RFC 5322 4.4: an obsolete route is ignored.
  Result<> route() {
    if (!current_.starts_with('@')) return fail("not an address: " + printable(current_));
    current_.clear();
    connected_ = phrase_ = false;
    return {};
  }

  Result<> group() {
    if (angle_ != Angle::none) return fail("':' behind an address");
    reset();
    return {};
  }

  void reset() {
    current_.clear();
    angle_ = Angle::none;
    connected_ = phrase_ = false;
  }

  std::string_view text_; // of which the tokens are parts
  std::vector<ListedAddress> found_;
  std::string current_;
  std::size_t begin_ = 0; // of current_ in the text, and its end there
  std::size_t end_ = 0;
  Angle angle_ = Angle::none;
  bool connected_ = false; // the last token was '.' or '@'
  bool phrase_ = false;    // two words without a '.' or '@' between them
};

} // namespace

Result<std::vector<ListedAddress>> find_listed_addresses(std::string_view text) {
  Tokens tokens(text);
  Mailboxes mailboxes(text);
  for (;;) {
    const auto token = tokens.next();
    if (!token) return std::unexpected(token.error());
    const Result<> taken = *token ? mailboxes.take(**token) : mailboxes.end_mailbox();
    if (!taken) return std::unexpected(taken.error());
    if (!*token) return mailboxes.found();
  }
}

Result<std::vector<std::string>> parse_address_list(std::string_view text) {
  auto found = find_listed_addresses(text);
  if (!found) return std::unexpected(found.error());
  std::vector<std::string> addresses;
  addresses.reserve(found->size());
  for (ListedAddress& one : *found)
    addresses.push_back(std::move(one.address));
  return addresses;
}

} // namespace waypost
