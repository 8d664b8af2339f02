#include "lib/mail/address.h"

#include <algorithm>
#include <arpa/inet.h>

#include "lib/sys/text.h"

namespace waypost {
namespace {

bool is_control(char c) {
  const auto value = static_cast<unsigned char>(c);
  return value < 0x20 || value == 0x7F;
}

bool all_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool label_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool valid_label(std::string_view label) {
  // 63 is the bound of an A-label (RFC 1035 2.3.4); a U-label may be longer in bytes.
  const std::size_t most = all_ascii(label) ? 63 : 252;
  return !label.empty() && label.size() <= most && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, label_byte);
}

bool valid_literal(std::string_view text) {
  if (text.size() < 3 || text.size() > 64 || text.back() != ']') return false;
  std::string inside(text.substr(1, text.size() - 2));
  unsigned char bytes[sizeof(in6_addr)];
  if (ascii_lower(inside).starts_with("ipv6:")) {
    return ::inet_pton(AF_INET6, inside.c_str() + 5, bytes) == 1;
  }
  return ::inet_pton(AF_INET, inside.c_str(), bytes) == 1;
}

// A local part: dot-atoms and anything else that Unix machines use, or a quoted string (RFC
// 5321 4.1.2). What is refused is what could end a command or an argument early.
bool valid_local(std::string_view local) {
  if (local.empty()) return false;
  if (local.front() != '"') {
    return local.find_first_of(" <>\"\\@") == std::string_view::npos;
  }
  if (local.size() < 2 || local.back() != '"') return false;
  for (std::size_t i = 1; i + 1 < local.size(); ++i) {
    if (local[i] == '"') return false;
    if (local[i] != '\\') continue;
    ++i;
    if (i + 1 >= local.size()) return false;
  }
  return true;
}

} // namespace

Result<Domain> Domain::parse(std::string_view text) {
  if (text.starts_with('[')) {
    if (!valid_literal(text)) return fail("bad address literal: " + printable(text));
    return Domain(std::string(text));
  }
  std::string_view name = text;
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty()) return fail("empty domain");
  const auto labels = split(name, '.');
  if (name.size() > 255 || !valid_utf8(name) || !std::ranges::all_of(labels, valid_label)) {
    return fail("bad domain: " + printable(text));
  }
  return Domain(std::string(text));
}

bool Domain::ascii() const {
  return all_ascii(text_);
}

std::string Domain::lower() const {
  std::string name = ascii_lower(text_);
  if (name.ends_with('.')) name.pop_back();
  return name;
}

Result<Address> Address::parse(std::string_view text) {
  if (text.empty()) return Address();
  if (text.size() > kMaxLength) {
    return std::unexpected(Error{ENAMETOOLONG, "address longer than 1000 bytes"});
  }
  if (std::ranges::any_of(text, is_control)) {
    return fail("control character in address: " + printable(text));
  }
  if (!valid_utf8(text)) return fail("address is not UTF-8: " + printable(text));
  const std::size_t quote = text.starts_with('"') ? text.rfind('"') : 0;
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at < quote) {
    if (!valid_local(text)) return fail("bad address: " + printable(text));
    return Address(std::string(text), std::string::npos);
  }
  if (!valid_local(text.substr(0, at)))
    return fail("bad local part in address: " + printable(text));
  const Result<Domain> domain = Domain::parse(text.substr(at + 1));
  if (!domain) return fail(domain.error().text + " in address: " + printable(text));
  return Address(std::string(text), at);
}

std::string_view Address::local() const {
  return std::string_view(text_).substr(0, at_);
}

std::string_view Address::domain() const {
  if (at_ == std::string::npos) return {};
  return std::string_view(text_).substr(at_ + 1);
}

bool Address::ascii() const {
  return all_ascii(text_);
}

} // namespace waypost
