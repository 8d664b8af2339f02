#include "route/form.h"

#include <algorithm>
#include <array>

#include "lib/sys/text.h"

namespace waypost::route {
namespace {

constexpr std::size_t kMaxText = 255;
constexpr std::uint64_t kMostSizeText = std::uint64_t{1} << 60;

// The SASL mechanisms that waypost speaks, strongest first; OAuth's two and EXTERNAL are never
// chosen unless they are named.
constexpr std::array<std::string_view, 10> kMechanisms{"SCRAM-SHA-256-PLUS",
                                                       "SCRAM-SHA-256",
                                                       "SCRAM-SHA-1-PLUS",
                                                       "SCRAM-SHA-1",
                                                       "CRAM-MD5",
                                                       "PLAIN",
                                                       "LOGIN",
                                                       "XOAUTH2",
                                                       "OAUTHBEARER",
                                                       "EXTERNAL"};

constexpr std::array<std::string_view, 8> kMovableClasses{
    "blocked", "greylisted", "rate", "auth", "tls", "unreachable", "dns", "other"};

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

bool is_base64_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

Parsed<std::string> check_line(std::string_view value) {
  if (value.empty()) return std::unexpected("is empty");
  if (value.size() > kMaxText) return std::unexpected("is longer than 255 bytes");
  if (printable(value) != value) return std::unexpected("holds characters that do not print");
  return std::string(value);
}

Parsed<std::string> check_word(std::string_view value) {
  if (value.find_first_of(" \t") != std::string_view::npos) {
    return std::unexpected("holds a space");
  }
  return check_line(value);
}

Parsed<std::string> check_path(std::string_view value) {
  if (!value.starts_with('/')) return std::unexpected("does not begin with /");
  return value.size() > 4000 || printable(value) != value
             ? Parsed<std::string>(std::unexpected("holds characters that do not print"))
             : std::string(value);
}

// No way out of the home or the folder, and a name at its end.
Parsed<std::string> check_mailbox_path(std::string_view value) {
  const bool home = value.starts_with("~/");
  if (!home && !value.starts_with('/')) return std::unexpected("begins neither with ~/ nor with /");
  if (value.size() < 2 || (home && value.size() < 3)) return std::unexpected("names nothing");
  if ((std::string(value) + "/").find("/../") != std::string::npos)
    return std::unexpected("leads upwards");
  const Parsed<std::string> whole = check_path(home ? value.substr(1) : value);
  if (!whole) return whole;
  return std::string(value);
}

Parsed<std::string> check_argument(std::string_view value) {
  return value.empty() ? Parsed<std::string>(std::string()) : check_line(value);
}

Parsed<std::string> check_credential(std::string_view value) {
  if (value.empty() || value.size() > 64 || !std::ranges::all_of(value, is_name_byte)) {
    return std::unexpected("is not a name of letters, digits, - _ and .");
  }
  return std::string(value);
}

// RFC 7469 2.4 in curl's form: a SHA-256 is 32 bytes, 43 digits of base64 and one "=".
Parsed<std::string> check_pin(std::string_view value) {
  constexpr std::string_view kPrefix = "sha256//";
  if (!value.starts_with(kPrefix)) return std::unexpected("does not begin with sha256//");
  const std::string_view sum = value.substr(kPrefix.size());
  const bool good = sum.size() == 44 && sum.ends_with('=') &&
                    std::ranges::all_of(sum.substr(0, 43), is_base64_byte);
  if (!good) return std::unexpected("is not the base64 of 32 bytes behind sha256//");
  return std::string(value);
}

Parsed<std::string> check_mechanism(std::string_view value) {
  for (const std::string_view one : kMechanisms) {
    if (equal_ignoring_case(one, value)) return std::string(one);
  }
  return std::unexpected("is an unknown mechanism" + did_you_mean(value, kMechanisms));
}

Parsed<std::uint64_t> whole_number(const Node& node) {
  if (node.kind != Node::Kind::integer) return std::unexpected("is not a number");
  if (node.integer < 0) return std::unexpected("is below 0");
  return static_cast<std::uint64_t>(node.integer);
}

Parsed<std::uint64_t> within(Parsed<std::uint64_t> value, std::uint64_t least, std::uint64_t most) {
  if (!value) return value;
  if (*value < least) return std::unexpected("is too small");
  if (*value > most) return std::unexpected("is too large");
  return value;
}

// A value that the form would not take was not written by anybody: it means "not set".
template <class MakeNode>
std::optional<Node> if_within(std::uint64_t value, std::uint64_t least, std::uint64_t most,
                              MakeNode make) {
  return value < least || value > most ? std::nullopt : std::optional<Node>(make(value));
}

Parsed<std::uint64_t> duration_of(const Node& node) {
  if (node.kind == Node::Kind::integer) return std::unexpected("has no unit");
  if (node.kind != Node::Kind::text) return std::unexpected("is not a duration");
  return parse_duration(node.text);
}

std::string from_to(const std::string& what, const std::string& least, const std::string& most) {
  return what + " from " + least + " to " + most;
}

} // namespace

Form<bool> boolean() {
  return {"true or false, without quotes", "true",
          [](const Node& node) -> Parsed<bool> {
            if (node.kind != Node::Kind::boolean) return std::unexpected("is not true or false");
            return node.truth;
          },
          [](const bool& value) { return boolean_node(value); }};
}

Form<std::uint64_t> number(std::uint64_t least, std::uint64_t most, std::string example) {
  return {from_to("a number", std::to_string(least), std::to_string(most)), std::move(example),
          [=](const Node& node) { return within(whole_number(node), least, most); },
          [=](const std::uint64_t& value) { return if_within(value, least, most, integer_node); }};
}

Form<std::uint64_t> seconds(std::uint64_t least, std::uint64_t most, std::string example) {
  const std::string takes =
      from_to("a duration", duration_text(least * 1000), duration_text(most * 1000));
  return {takes, std::move(example),
          [=](const Node& node) -> Parsed<std::uint64_t> {
            const Parsed<std::uint64_t> length = duration_of(node);
            if (!length) return length;
            if (*length % 1000 != 0) return std::unexpected("is not in whole seconds");
            return within(*length / 1000, least, most);
          },
          [=](const std::uint64_t& value) {
            return if_within(value, least, most,
                             [](auto s) { return text_node(duration_text(s * 1000)); });
          }};
}

Form<std::uint64_t> milliseconds(std::uint64_t least, std::uint64_t most, std::string example) {
  return {from_to("a duration", duration_text(least), duration_text(most)), std::move(example),
          [=](const Node& node) { return within(duration_of(node), least, most); },
          [=](const std::uint64_t& value) {
            return if_within(value, least, most,
                             [](auto ms) { return text_node(duration_text(ms)); });
          }};
}

Form<std::uint64_t> size() {
  return {"a size in kB, MB, GB (powers of 1000) or KiB, MiB, GiB (of 1024)", "\"100MB\"",
          [](const Node& node) -> Parsed<std::uint64_t> {
            if (node.kind == Node::Kind::integer) return whole_number(node);
            if (node.kind != Node::Kind::text) return std::unexpected("is not a size");
            return parse_size(node.text);
          },
          [](const std::uint64_t& value) {
            // As text a size ends where parse_size() does.
            return value > kMostSizeText ? integer_node(value) : text_node(size_text(value));
          }};
}

Form<Rate> rate() {
  return {"a number of messages and a time, from 1s to 1d", "\"100/m\"",
          [](const Node& node) -> Parsed<Rate> {
            if (node.kind != Node::Kind::text) return std::unexpected("is not a rate");
            return parse_rate(node.text);
          },
          [](const Rate& value) -> std::optional<Node> {
            if (value.messages == 0) return std::nullopt;
            return text_node(rate_text(value));
          }};
}

Form<FreeMinimum> free_minimum() {
  return {"a percentage, a size, or a list of one of each", "\"5%\", \"64MB\"",
          [](const Node& node) -> Parsed<FreeMinimum> {
            if (node.kind != Node::Kind::text) return std::unexpected("is neither");
            return parse_free_minimum(node.text);
          },
          [](const FreeMinimum& value) {
            return text_node(value.is_percent ? std::to_string(value.value) + "%"
                                              : size_text(value.value));
          }};
}

Form<std::string> text(std::string takes, std::string example,
                       Parsed<std::string> (*check)(std::string_view)) {
  return {std::move(takes), std::move(example),
          [check](const Node& node) -> Parsed<std::string> {
            if (node.kind != Node::Kind::text) return std::unexpected("is not a text in quotes");
            return check(node.text);
          },
          [](const std::string& value) -> std::optional<Node> {
            if (value.empty()) return std::nullopt;
            return text_node(value);
          }};
}

Form<std::string> line() {
  return text("one line of text", "\"No such service here\"", check_line);
}

Form<std::string> word() {
  return text("a text without spaces", "\"alice\"", check_word);
}

Form<std::string> path() {
  return text("an absolute path", "\"/etc/ssl/certs/own-ca.pem\"", check_path);
}

Form<std::string> mailbox_path() {
  return text("a path below ~/, or a folder that holds the users' mailboxes", "\"~/Maildir\"",
              check_mailbox_path);
}

Form<std::string> argument() {
  return text("an argument", "\"/usr/lib/dovecot/dovecot-lda\", \"-d\", \"{user}\"",
              check_argument);
}

Form<std::string> credential_name() {
  return text("a credential's name", "\"ses\"", check_credential);
}

Form<std::string> public_key_pin() {
  return text("sha256// and the base64 of a public key's SHA-256",
              "\"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"", check_pin);
}

Form<std::string> mechanism() {
  return text(one_of_words(kMechanisms), "\"SCRAM-SHA-256\"", check_mechanism);
}

// What the recipient's own server says of the mailbox or of the message, it says whatever way the
// mail came: trying the other ways only makes more servers see it refused.
Form<FailureClass> failure_class() {
  return {one_of_words(kMovableClasses), "\"blocked\"",
          [](const Node& node) -> Parsed<FailureClass> {
            if (node.kind != Node::Kind::text) return std::unexpected("is not a class of failure");
            if (node.text == "mailbox") {
              return std::unexpected("is no reason for another transport: a mailbox that does not "
                                     "exist is refused whichever way the mail comes, and asking "
                                     "again costs reputation");
            }
            if (node.text == "content") {
              return std::unexpected("is no reason for another transport: it is the message that "
                                     "was refused, not the way it came, and sending it again by "
                                     "another address spoils that one too");
            }
            const auto klass = parse_failure_class(node.text);
            if (klass) return *klass;
            return std::unexpected("is an unknown class of failure" +
                                   did_you_mean(node.text, kMovableClasses));
          },
          [](const FailureClass& value) { return text_node(std::string(name(value))); }};
}

} // namespace waypost::route
