#include <criterion/criterion.h>

#include "lib/mail/wire_form.h"

#include <string>

using waypost::WireForm;

namespace {

// The wire form of `bytes` when they come `step` at a time.
std::string convert(std::string_view bytes, std::size_t step, WireForm& wire) {
  std::string out;
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, step);
    bytes.remove_prefix(part.size());
    while (!part.empty())
      out += wire.next(part);
  }
  out += wire.finish();
  return out;
}

struct Row {
  std::string_view in;
  std::string_view out;
  unsigned hops;
  bool eight_bit;
};

using std::string_view_literals::operator""sv;

constexpr Row kRows[] = {
    {"", "", 0, false},
    {"a", "a\r\n", 0, false},
    {"a\n", "a\r\n", 0, false},
    {"a\r\n", "a\r\n", 0, false},
    {"a\r", "a\r\n", 0, false},
    {"a\rb", "a\r\nb\r\n", 0, false},
    {"a\r\r\nb", "a\r\n\r\nb\r\n", 0, false},
    {"a\n\rb", "a\r\n\r\nb\r\n", 0, false},
    {"\n", "\r\n", 0, false},
    {"a: b\n\n.\n", "a: b\r\n\r\n.\r\n", 0, false},
    {"a\0b\n"sv, "a\0b\r\n"sv, 0, false},
    {"\xC3\xA9\n", "\xC3\xA9\r\n", 0, true},
    {"Received: a\nRECEIVED:b\r\nreceived : c\rX: y\n\nReceived: body\n",
     "Received: a\r\nRECEIVED:b\r\nreceived : c\r\nX: y\r\n\r\nReceived: body\r\n", 3, false},
    {"Received: without an end", "Received: without an end\r\n", 1, false},
    {"Receivedx: a\n Received: folded\nReceived",
     "Receivedx: a\r\n Received: folded\r\nReceived\r\n", 0, false},
};

} // namespace

Test(wire_form, ends_every_line_with_crlf_however_the_bytes_come) {
  for (const Row& row : kRows) {
    for (const std::size_t step : {1, 2, 3, 1000}) {
      WireForm wire;
      const std::string out = convert(row.in, static_cast<std::size_t>(step), wire);
      cr_expect(out == row.out, "input '%.*s' by %zu: '%s'", static_cast<int>(row.in.size()),
                row.in.data(), static_cast<std::size_t>(step), out.c_str());
      cr_expect(wire.hops() == row.hops, "input '%.*s': %u hops", static_cast<int>(row.in.size()),
                row.in.data(), wire.hops());
      cr_expect(wire.eight_bit() == row.eight_bit);
    }
  }
}

Test(wire_form, is_the_identity_on_its_own_output) {
  for (const Row& row : kRows) {
    WireForm wire;
    cr_expect(convert(row.out, 7, wire) == row.out);
  }
}

Test(wire_form, leaves_long_lines_whole) {
  const std::string line(200'000, 'x');
  WireForm wire;
  cr_expect(convert(line, 4096, wire) == line + "\r\n");
}
