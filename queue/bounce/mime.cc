#include "queue/bounce/mime.h"

#include <algorithm>
#include <set>

#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kMaxLine = 998; // RFC 5322 2.1.1, without CRLF
constexpr std::size_t kFoldAt = 78;
constexpr std::size_t kWrapAt = 72;
constexpr std::size_t kQuotedLine = 76; // RFC 2045 6.7 (5)

constexpr std::string_view kHex = "0123456789ABCDEF";

// What is left of a line behind its name or indent.
struct Room {
  std::size_t columns; // where it should end
  std::size_t bytes;   // where it must
};

Room room_behind(std::size_t used, std::size_t width) {
  return {used < width ? width - used : 1, kMaxLine - std::min(used, kMaxLine / 2)};
}

// How much of `rest` goes onto a line: up to a space when there is one, else the word whole, but
// never more than fits.
std::size_t line_length(std::string_view rest, Room room) {
  if (rest.size() <= room.columns) return rest.size();
  std::size_t at = rest.substr(0, room.columns + 1).rfind(' ');
  if (at == std::string_view::npos || at == 0) at = rest.find(' ', 1);
  if (at == std::string_view::npos) at = rest.size();
  if (at <= room.bytes) return at;
  return utf8_prefix(rest, room.bytes).size();
}

// The text in lines: the first has room of its own, for behind a field's name.
template <class Emit>
void break_lines(std::string_view text, Room first, Room room, Emit emit) {
  Room left = first;
  for (std::string_view line : split(text, '\n')) {
    line = trim(line);
    while (!line.empty()) {
      const std::size_t length = line_length(line, left);
      emit(trim(line.substr(0, length)));
      line = trim(line.substr(length));
      left = room;
    }
  }
}

template <class Allowed>
bool lines_fit(std::string_view text, Allowed allowed) {
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      if (i + 1 == text.size() || text[i + 1] != '\n') return false;
      ++i;
      column = 0;
    } else if (!allowed(static_cast<unsigned char>(text[i])) || ++column > kMaxLine) {
      return false;
    }
  }
  return true;
}

} // namespace

std::string printable_ascii(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    const auto value = static_cast<unsigned char>(c);
    if (value < 0x80) {
      out += c;
      continue;
    }
    out += "\\x";
    out += ascii_lower(kHex[value >> 4]);
    out += ascii_lower(kHex[value & 15]);
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  return std::string(utf8_prefix(text, most)) + "...";
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ':';
  bool first = true;
  const Room beside_name = room_behind(name.size() + 2, kFoldAt);
  break_lines(value, beside_name, room_behind(1, kFoldAt), [&](std::string_view line) {
    out += first ? " " : "\r\n ";
    out += line;
    first = false;
  });
  out += "\r\n";
}

void append_wrapped(std::string& out, std::string_view text, std::string_view indent) {
  const Room room = room_behind(indent.size(), kWrapAt);
  break_lines(text, room, room, [&](std::string_view line) {
    out += indent;
    out += line;
    out += "\r\n";
  });
}

bool seven_bit_safe(std::string_view text) {
  return lines_fit(text, [](unsigned char c) { return (c >= 0x20 && c < 0x7F) || c == '\t'; });
}

bool eight_bit_safe(std::string_view text) {
  return lines_fit(text, [](unsigned char c) { return c != '\0' && c != '\n'; });
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto value = static_cast<unsigned char>(text[i]);
    if (text.substr(i, 2) == "\r\n") {
      out += "\r\n";
      column = 0;
      ++i;
      continue;
    }
    const bool blank = value == ' ' || value == '\t';
    // RFC 2045 6.7 (3): a blank at the end of a line would be lost on the way.
    const bool last = i + 1 == text.size() || text.substr(i + 1, 2) == "\r\n";
    const bool plain =
        blank ? !last : value > 0x20 && value < 0x7F && value != '=' && value != '\0';
    const std::size_t width = plain ? 1 : 3;
    if (column + width >= kQuotedLine) {
      out += "=\r\n";
      column = 0;
    }
    if (plain) {
      out += text[i];
    } else {
      out += '=';
      out += kHex[value >> 4];
      out += kHex[value & 15];
    }
    column += width;
  }
  return out;
}

std::string boundary_for(std::string_view seed, std::initializer_list<std::string_view> parts) {
  // "=_" cannot occur in quoted-printable text (RFC 2045 6.7, note). Each number that stands behind
  // our prefix anywhere is taken: one pass, however often somebody wrote it.
  const std::string prefix = "=_" + std::string(seed) + ".";
  std::set<std::string_view> taken;
  for (const std::string_view part : parts) {
    for (std::size_t at = part.find(prefix); at != std::string_view::npos;
         at = part.find(prefix, at + 1)) {
      std::string_view number = part.substr(at + prefix.size());
      taken.insert(number.substr(0, number.find_first_not_of("0123456789")));
    }
  }
  unsigned number = 1;
  while (taken.contains(std::to_string(number)))
    ++number;
  // RFC 2046 5.1.1: a line that only begins with the boundary is one. What ends the number makes
  // sure that no longer number begins with it.
  return prefix + std::to_string(number) + '_';
}

} // namespace waypost::queue
