#include <criterion/criterion.h>

#include <string>
#include <string_view>
#include <vector>

#include "smtpd/data_text.h"

using waypost::smtpd::DataText;
using namespace std::string_literals;

namespace {

struct Read {
  std::string text;
  std::string behind; // what was not taken
  bool ended = false;
  bool bare = false;
  bool operator==(const Read&) const = default;
};

// The bytes in pieces that end at `cut`, or one by one.
Read read(std::string_view bytes, std::size_t step, bool lf_ends_lines = false) {
  Read got;
  DataText text(lf_ends_lines);
  while (!bytes.empty() && !text.ended()) {
    std::string_view part = bytes.substr(0, step);
    bytes.remove_prefix(part.size());
    while (!part.empty() && !text.ended())
      got.text += text.next(part);
    got.behind = part;
  }
  got.behind += bytes;
  got.ended = text.ended();
  got.bare = text.bare_line_end();
  return got;
}

struct Row {
  const char* name;
  std::string bytes;
  std::string text;
};

// What a server may be asked to take for an end of the message, by ways of writing it.
const std::vector<std::string>& false_ends() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> made;
    const std::string ends[] = {"",       "\r",   "\n",   "\r\n",   "\n\r",
                                "\r\r\n", "\r\r", "\n\n", "\r\0\n"s};
    for (const std::string& before : ends)
      for (const char* dots : {".", ".."})
        for (const std::string& behind : ends)
          if ((before + dots + behind).find("\r\n.\r\n") == std::string::npos) // a true one
            made.push_back(before + dots + behind);
    return made;
  }();
  return all;
}

} // namespace

Test(data_text, dots_are_undone_and_the_end_is_found_at_every_cut) {
  const Row rows[] = {
      {"one line", "hello\r\n.\r\n", "hello\r\n"},
      {"an empty message", ".\r\n", ""},
      {"an empty line", "\r\n.\r\n", "\r\n"},
      {"a doubled dot", "..\r\n.\r\n", ".\r\n"},
      {"two doubled dots", "...\r\n..x\r\n.\r\n", "..\r\n.x\r\n"},
      {"a dot that was not doubled", ".x\r\n.\r\n", "x\r\n"},
      {"a dot within a line", "a.\r\n.\r\n", "a.\r\n"},
      {"NUL and 8-bit bytes", "\0\xff\xc3\xa9\r\n.\r\n"s, "\0\xff\xc3\xa9\r\n"s},
      {"a long line", std::string(5000, 'x') + "\r\n.\r\n", std::string(5000, 'x') + "\r\n"},
  };
  for (const Row& row : rows) {
    for (std::size_t step = 1; step <= row.bytes.size() + 1; ++step) {
      const Read got = read(row.bytes + "QUIT\r\n", step);
      cr_expect_eq(got.text, row.text, "%s in steps of %zu", row.name, step);
      cr_expect(got.ended && !got.bare && got.behind == "QUIT\r\n", "%s in steps of %zu", row.name,
                step);
    }
  }
}

Test(data_text, bare_ends_of_lines_are_marked_and_end_nothing) {
  for (const std::string& end : false_ends()) {
    const std::string bytes = "first" + end + "MAIL FROM:<x@y.test>\r\n.\r\n";
    // Each of CR and LF that is not part of CRLF, found without the code under test.
    std::string left = end;
    for (std::size_t at = left.find("\r\n"); at != std::string::npos; at = left.find("\r\n"))
      left.replace(at, 2, "");
    const bool bare = left.find_first_of("\r\n") != std::string::npos;
    const bool bare_cr = left.find('\r') != std::string::npos;
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
      const Read got = read(bytes, step);
      cr_expect(got.ended && got.behind.empty(), "%zu bytes, steps of %zu", bytes.size(), step);
      cr_expect_eq(got.bare, bare, "%zu bytes, steps of %zu", bytes.size(), step);
      const Read lenient = read(bytes, step, true);
      cr_expect(lenient.ended && lenient.behind.empty(), "%zu bytes, steps of %zu", bytes.size(),
                step);
      cr_expect_eq(lenient.bare, bare_cr, "%zu bytes, steps of %zu", bytes.size(), step);
    }
  }
}

Test(data_text, lf_may_end_lines_and_never_the_message) {
  const Row rows[] = {
      {"lines", "a\nb\r\n.\r\n", "a\nb\r\n"},
      {"a dot alone", "a\n.\nb\r\n.\r\n", "a\n.\nb\r\n"},
      {"a dot before CRLF", "a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n"},
      {"a doubled dot", "a\n..\n..b\n...\r\n.\r\n", "a\n.\n.b\n..\r\n"},
      {"a dot that is not doubled", "a\n.b\n.", "a\n.b\n"},
      {"empty lines", "\n\n.\n\r\n.\r\n", "\n\n.\n\r\n"},
  };
  for (const Row& row : rows) {
    for (std::size_t step = 1; step <= row.bytes.size(); ++step) {
      const Read got = read(row.bytes, step, true);
      cr_expect_eq(got.text, row.text, "%s in steps of %zu", row.name, step);
      cr_expect_eq(got.ended, row.bytes.ends_with("\r\n.\r\n"), "%s in steps of %zu", row.name,
                   step);
      cr_expect(!got.bare, "%s in steps of %zu", row.name, step);
    }
  }
}

Test(data_text, without_its_end_a_message_has_not_ended) {
  for (const char* bytes :
       {"", "x", "x\r\n", "x\r\n.", "x\r\n.\r", "x\r\n..\r\n", "\n.\n", "\r.\r"})
    cr_expect(!read(bytes, 100).ended, "%s", bytes);
}
