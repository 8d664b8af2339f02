#include "smtpd/parameters.h"

#include <algorithm>
#include <vector>

#include "lib/mail/xtext.h"
#include "lib/sys/text.h"
#include "smtpd/path.h"

namespace waypost::smtpd {
namespace {

struct Parameter {
  std::string_view keyword;
  std::string_view value;
  bool has_value = false;
};

constexpr std::size_t kMaxEnvid = 100; // RFC 3461 4.4
constexpr std::size_t kMaxOrcpt = 500; // RFC 3461 4.2

constexpr std::string_view kBadValue = "501 5.5.4 Wrong value of parameter ";

std::unexpected<Answer> wrong(std::string_view keyword) {
  return refuse(std::string(kBadValue).append(keyword));
}

bool keyword_byte(char c) {
  const char lower = ascii_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

// RFC 5321 4.1.2; bytes above 127 by RFC 6531 3.3.
bool value_byte(char c) {
  const auto value = static_cast<unsigned char>(c);
  return value > 0x20 && value != '=' && value != 0x7F;
}

bool valid(const Parameter& parameter) {
  if (parameter.keyword.empty() || parameter.keyword.front() == '-') return false;
  if (!std::ranges::all_of(parameter.keyword, keyword_byte)) return false;
  return parameter.has_value == !parameter.value.empty() &&
         std::ranges::all_of(parameter.value, value_byte);
}

// Each keyword once: which of two were meant?
Answered<std::vector<Parameter>> parse_parameters(std::string_view rest) {
  std::vector<Parameter> all;
  while (!rest.empty()) {
    if (rest.front() != ' ') return refuse("501 5.5.4 A space must stand before each parameter");
    rest = trim(rest);
    std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(word.size());
    Parameter one;
    one.has_value = word.find('=') != std::string_view::npos;
    one.keyword = cut(word, '=');
    one.value = word;
    if (!valid(one)) return refuse("501 5.5.4 Malformed parameter");
    const auto same = [&one](const Parameter& other) {
      return equal_ignoring_case(one.keyword, other.keyword);
    };
    if (std::ranges::any_of(all, same)) return refuse("501 5.5.4 A parameter is given twice");
    all.push_back(one);
  }
  return all;
}

bool visible_or_space(char c) {
  return c >= ' ' && c < 0x7F;
}

// RFC 3461 4.4: xtext of printable ASCII.
bool valid_envid(std::string_view text) {
  const std::optional<std::string> id = decode_xtext(text);
  return text.size() <= kMaxEnvid && id && std::ranges::all_of(*id, visible_or_space);
}

bool set_body(EnvelopeSender& from, std::string_view value) {
  if (equal_ignoring_case(value, "7BIT")) from.body = BodyType::seven_bit;
  if (equal_ignoring_case(value, "8BITMIME")) from.body = BodyType::eight_bit_mime;
  return from.body != BodyType::unknown;
}

bool set_ret(EnvelopeSender& from, std::string_view value) {
  if (equal_ignoring_case(value, "FULL")) from.ret = DsnReturn::full;
  if (equal_ignoring_case(value, "HDRS")) from.ret = DsnReturn::headers;
  return from.ret != DsnReturn::unset;
}

enum class Taken : std::uint8_t { yes, wrong_value, unknown };

Taken taken(bool good) {
  return good ? Taken::yes : Taken::wrong_value;
}

Taken set(MailArgument& to, const Parameter& one) {
  const auto is = [&one](std::string_view name) { return equal_ignoring_case(one.keyword, name); };
  if (is("SIZE")) {
    constexpr std::size_t kMostDigits = 20; // RFC 1870 3
    to.size = parse_number(one.value);
    return taken(one.value.size() <= kMostDigits && to.size.has_value());
  }
  if (is("BODY")) return taken(set_body(to.from, one.value));
  if (is("SMTPUTF8")) {
    to.from.utf8 = true;
    return taken(!one.has_value);
  }
  if (is("RET")) return taken(set_ret(to.from, one.value));
  if (is("ENVID")) {
    to.from.envid = one.value;
    return taken(one.has_value && valid_envid(one.value));
  }
  return Taken::unknown;
}

Taken set(EnvelopeRecipient& to, const Parameter& one) {
  if (equal_ignoring_case(one.keyword, "NOTIFY")) {
    const std::optional<Notify> notify = Notify::parse(one.value);
    if (notify) to.notify = *notify;
    return taken(notify.has_value());
  }
  if (equal_ignoring_case(one.keyword, "ORCPT")) {
    to.orcpt = one.value;
    return taken(one.value.size() <= kMaxOrcpt && valid_orcpt(one.value));
  }
  return Taken::unknown;
}

Answered<void> set_all(auto& to, std::string_view rest) {
  const Answered<std::vector<Parameter>> parameters = parse_parameters(rest);
  if (!parameters) return refuse(parameters.error());
  for (const Parameter& one : *parameters) {
    const Taken result = set(to, one);
    if (result == Taken::wrong_value) return wrong(one.keyword);
    // RFC 5321 4.1.1.11
    if (result == Taken::unknown)
      return refuse("555 5.5.4 Unknown parameter " + std::string(one.keyword));
  }
  return {};
}

// RFC 6531 3.5: 553 and X.6.7 for an address that needs what was not asked for.
Answered<Address> parse_address(std::string_view text, bool utf8, const char* status) {
  Result<Address> address = Address::parse(text);
  if (!address) return refuse(std::string("553 ") + status + " This is not an address");
  if (!utf8 && !address->ascii())
    return refuse("553 5.6.7 A non-ASCII address needs the parameter SMTPUTF8 of MAIL");
  return std::move(*address);
}

} // namespace

Answered<MailArgument> parse_mail(std::string_view argument) {
  const std::optional<std::string_view> path = take_path(argument);
  if (!path) return refuse("501 5.5.4 Syntax: MAIL FROM:<address>");
  MailArgument mail;
  const Answered<void> set = set_all(mail, argument);
  if (!set) return refuse(set.error());
  Answered<Address> sender = parse_address(*path, mail.from.utf8, "5.1.7");
  if (!sender) return refuse(std::move(sender.error()));
  mail.from.sender = std::move(*sender);
  return mail;
}

Answered<EnvelopeRecipient> parse_rcpt(std::string_view argument, bool utf8,
                                       std::string_view suffix) {
  const std::optional<std::string_view> path = take_path(argument);
  if (!path) return refuse("501 5.5.4 Syntax: RCPT TO:<address>");
  if (path->empty()) return refuse("553 5.1.3 A recipient is never empty");
  EnvelopeRecipient recipient;
  const Answered<void> set = set_all(recipient, argument);
  if (!set) return refuse(set.error());
  Answered<Address> address = parse_address(std::string(*path).append(suffix), utf8, "5.1.3");
  if (!address) return refuse(std::move(address.error()));
  recipient.address = std::move(*address);
  return recipient;
}

} // namespace waypost::smtpd
