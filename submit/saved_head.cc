#include "submit/saved_head.h"

#include "lib/mail/xtext.h"
#include "lib/sys/text.h"

namespace waypost::submit {
namespace {

constexpr std::string_view kPrefix = "X-Waypost-";
constexpr std::string_view kLineEnd = "\r\n";

void add(std::string& text, std::string_view name, std::string_view value) {
  text.append(kPrefix).append(name).append(": ").append(value).append(kLineEnd);
}

std::unexpected<Error> bad(std::string_view name) {
  return fail("X-Waypost-" + printable(name) + " is not what waypost-submit writes there");
}

Result<> take_option(SavedHead& head, std::string_view name, std::string_view value) {
  if (name == "Return" && value == "FULL") {
    head.sender.ret = DsnReturn::full;
  } else if (name == "Return" && value == "HDRS") {
    head.sender.ret = DsnReturn::headers;
  } else if (name == "Envid" && !value.empty() && decode_xtext(value)) {
    head.sender.envid = value;
  } else if (name == "Body" && value == "7BIT") {
    head.sender.body = BodyType::seven_bit;
  } else if (name == "Body" && value == "8BITMIME") {
    head.sender.body = BodyType::eight_bit_mime;
  } else if (const auto notify = Notify::parse(value); name == "Notify" && notify) {
    head.notify = *notify;
  } else {
    return bad(name);
  }
  return {};
}

Result<> take_field(SavedHead& head, std::string_view name, std::string_view value) {
  if (name == "Reason") {
    head.reasons.emplace_back(value);
    return {};
  }
  const bool sender = name == "Sender";
  if (!sender && name != "Recipient") return take_option(head, name, value);
  Result<Address> address = Address::parse(value);
  if (!address || (!sender && address->null())) return bad(name);
  if (!address->ascii()) head.sender.utf8 = true;
  if (sender) {
    head.sender.sender = std::move(*address);
  } else {
    head.recipients.push_back(std::move(*address));
  }
  return {};
}

} // namespace

std::string saved_head_text(const SavedHead& head) {
  std::string text;
  add(text, "Saved", "1");
  add(text, "Sender", head.sender.sender.text());
  if (head.sender.ret != DsnReturn::unset)
    add(text, "Return", head.sender.ret == DsnReturn::full ? "FULL" : "HDRS");
  if (!head.sender.envid.empty()) add(text, "Envid", head.sender.envid);
  if (head.sender.body != BodyType::unknown)
    add(text, "Body", head.sender.body == BodyType::seven_bit ? "7BIT" : "8BITMIME");
  if (head.notify.given) add(text, "Notify", head.notify.text());
  for (const Address& one : head.recipients)
    add(text, "Recipient", one.text());
  for (const std::string& one : head.reasons)
    add(text, "Reason", printable(one));
  add(text, "Message", "follows");
  return text;
}

Result<ParsedHead> parse_saved_head(std::string_view file) {
  ParsedHead parsed;
  bool first = true;
  for (;;) {
    const std::size_t end = file.substr(parsed.length).find(kLineEnd);
    std::string_view line = file.substr(parsed.length, end);
    if (end == std::string_view::npos || !line.starts_with(kPrefix))
      return fail(first ? "it is no message that waypost-submit has saved" : "its head is cut off");
    parsed.length += end + kLineEnd.size();
    line.remove_prefix(kPrefix.size());
    const std::string_view name = cut(line, ':');
    if (!line.starts_with(' ')) return bad(name);
    line.remove_prefix(1);
    if (first) {
      if (name != "Saved" || line != "1") return bad(name);
      first = false;
    } else if (name == "Message") {
      if (line != "follows") return bad(name);
      if (parsed.head.recipients.empty()) return fail("its head names no recipient");
      return parsed;
    } else {
      const Result<> taken = take_field(parsed.head, name, line);
      if (!taken) return std::unexpected(taken.error());
    }
  }
}

} // namespace waypost::submit
