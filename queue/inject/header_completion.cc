#include "queue/inject/header_completion.h"

#include <algorithm>

#include "lib/mail/date.h"
#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

bool ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool atoms(std::string_view text) {
  return text.find_first_of("()<>[]:;@\\,.\"") == std::string_view::npos;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) {
      return i + k < bytes.size() ? static_cast<unsigned>(static_cast<unsigned char>(bytes[i + k]))
                                  : 0U;
    };
    const unsigned group = byte(0) << 16 | byte(1) << 8 | byte(2);
    out += digits[group >> 18];
    out += digits[(group >> 12) & 63];
    out += i + 1 < bytes.size() ? digits[(group >> 6) & 63] : '=';
    out += i + 2 < bytes.size() ? digits[group & 63] : '=';
  }
  return out;
}

// RFC 2047 2: an encoded word has at most 75 characters, and never ends within a character.
std::string encoded_words(std::string_view text) {
  constexpr std::size_t kMost = 45;
  std::string out;
  while (!text.empty()) {
    std::size_t length = std::min(kMost, text.size());
    while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80)
      --length;
    if (!out.empty()) out += "\n ";
    out += "=?UTF-8?B?" + base64(text.substr(0, length)) + "?=";
    text.remove_prefix(length);
  }
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

bool resent(const HeaderSection& header) {
  return std::ranges::any_of(header.fields(), [](const HeaderField& field) {
    return ascii_lower(field.name()).starts_with("resent-");
  });
}

// The missing fields of one set, each on its line: `prefix` is "" or "Resent-".
std::string missing(const HeaderSection& header, const std::string& prefix,
                    const Completion& completion) {
  std::string out;
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!header.has(prefix + name)) out += prefix + name + ": " + value + "\n";
  };
  add("Date", rfc5322_date(completion.now));
  add("From", mailbox(completion.author));
  add("Message-ID", "<" + completion.message_id + ">");
  return out;
}

} // namespace

std::string mailbox(const Author& author) {
  // A name with controls or in an unknown charset is no name.
  const bool usable = !author.full_name.empty() && printable(author.full_name) == author.full_name;
  if (!usable) return author.address;
  const std::string& name = author.full_name;
  if (!ascii(name)) return encoded_words(name) + " <" + author.address + ">";
  return (atoms(name) ? name : quoted(name)) + " <" + author.address + ">";
}

std::string gecos_name(std::string_view gecos, std::string_view login) {
  std::string name;
  for (const char c : cut(gecos, ',')) {
    if (c != '&' || login.empty()) {
      name += c;
      continue;
    }
    const char first = login.front();
    name += first >= 'a' && first <= 'z' ? static_cast<char>(first - 'a' + 'A') : first;
    name += login.substr(1);
  }
  return std::string(trim(name));
}

bool needs_author(const HeaderSection& header) {
  return !header.has("From") || (resent(header) && !header.has("Resent-From"));
}

std::string complete_header(HeaderSection& header, const Completion& completion) {
  for (const std::string_view name : {"Bcc", "Resent-Bcc", "Return-Path", "Content-Length"})
    header.remove(name);
  // RFC 5322 3.6.6: resent fields stand before all others.
  std::string out;
  if (resent(header) && !completion.gateway) out += missing(header, "Resent-", completion);
  for (const HeaderField& field : header.fields()) {
    out += field.text;
    out += '\n';
  }
  if (!completion.gateway) out += missing(header, "", completion);
  out += '\n';
  return out;
}

} // namespace waypost::queue
