// SMTP smuggling: no message contains what any server, however lax, takes for its end.
//
// The sequences are those published by Longin in 2023 for finding such servers, and the two of
// CRLF with one end torn off.

#include <criterion/criterion.h>

#include <sys/mman.h>
#include <unistd.h>

#include "deliver/body.h"
#include "lib/sys/fd.h"

using namespace waypost;
using namespace waypost::deliver;
using namespace std::string_literals;

namespace {

const std::vector<std::string> kEnds = {
    "\n.\n",    "\n.\r",          "\r.\n",       "\r.\r",         "\n.\r\n",
    "\r.\r\n",  "\r\n.\n",        "\r\n.\r",     "\r\n\0.\r\n"s,  "\r\n.\0\r\n"s,
    "\0\n.\n"s, "\r\n\0\0.\r\n"s, "\r\n.\r\r\n", "\r\r\n.\r\r\n", "\r\n.\r\n"};

std::string shown(const std::string& text) {
  std::string out;
  for (const char c : text)
    out += c == '\r' ? "\\r" : c == '\n' ? "\\n" : c == '\0' ? "\\0" : std::string(1, c);
  return out;
}

// Messages as a receiver counts them. Strict: CR LF . CR LF ends one. Lax: NULs are dropped, and
// CR, LF and CRLF each end a line.
std::size_t messages(std::string wire, bool lax) {
  std::size_t count = 0;
  std::string line;
  bool after_cr = false;
  if (lax) std::erase(wire, '\0');
  for (std::size_t i = 0; i < wire.size(); ++i) {
    const char c = wire[i];
    const bool ends = lax ? c == '\r' || (c == '\n' && !after_cr) : c == '\n' && after_cr;
    const bool second = lax && c == '\n' && after_cr;
    after_cr = c == '\r';
    if (second) continue;
    if (!ends) {
      line += c;
      continue;
    }
    if (!lax) line.pop_back();
    if (line == ".") ++count;
    line.clear();
  }
  return count;
}

void expect_one(const std::string& wire, const std::string& end, std::size_t where) {
  cr_expect_eq(messages(wire, false), 1, "%s at %zu, strict", shown(end).c_str(), where);
  cr_expect_eq(messages(wire, true), 1, "%s at %zu, lax", shown(end).c_str(), where);
  const bool whole = wire.ends_with("\r\n.\r\n") || wire == ".\r\n";
  cr_expect(whole, "%s at %zu: no end", shown(end).c_str(), where);
}

const std::string kSmuggled = "MAIL FROM:<evil@example.org>\r\n";

// A message with `end` at `at`, as it leaves a Body whose descriptor starts at some offset.
std::string sent(const std::string& end, std::size_t at) {
  const std::string text = std::string(at, 'x') + end + kSmuggled;
  const Fd file(::memfd_create("message", MFD_CLOEXEC));
  const std::string padded = std::string(512, '#') + text;
  cr_assert_eq(::write(file.get(), padded.data(), padded.size()),
               static_cast<ssize_t>(padded.size()));
  Job job;
  job.offset = 512;
  job.length = text.size();
  Body body(job, file.get(), true);
  std::string wire;
  for (bool more = true; more;) {
    const Result<bool> filled = body.fill(wire);
    cr_assert(filled.has_value());
    more = *filled;
  }
  return wire;
}

} // namespace

Test(smuggling, receivers_of_the_test_see_the_sequences_when_they_leave_as_they_are) {
  for (const std::string& end : kEnds) {
    const std::string wire = "x" + end + kSmuggled + "\r\n.\r\n";
    cr_expect_eq(messages(wire, true), 2, "%s", shown(end).c_str());
  }
  cr_expect_eq(messages("x\r\n.\r\ny\r\n.\r\n", false), 2);
  cr_expect_eq(messages("x\n.\ny\r\n.\r\n", false), 1);
}

Test(smuggling, no_end_of_data_survives_in_two_or_three_pieces) {
  for (const std::string& end : kEnds) {
    const std::string text = "x" + end + kSmuggled;
    for (std::size_t first = 0; first <= end.size() + 2; ++first) {
      for (std::size_t second = first; second <= end.size() + 2; ++second) {
        DotStuffing stuffing;
        std::string wire;
        stuffing.append(wire, std::string_view(text).substr(0, first));
        stuffing.append(wire, std::string_view(text).substr(first, second - first));
        stuffing.append(wire, std::string_view(text).substr(second));
        stuffing.finish(wire);
        expect_one(wire, end, first * 100 + second);
      }
    }
  }
}

Test(smuggling, no_end_of_data_survives_at_any_boundary_of_the_reader) {
  for (const std::string& end : kEnds) {
    for (const std::size_t block : {Body::kBlock, 2 * Body::kBlock}) {
      for (std::size_t before = 0; before <= end.size() + 1; ++before)
        expect_one(sent(end, block - before), end, block - before);
    }
  }
}

Test(smuggling, no_end_of_data_stands_at_the_very_start_or_end) {
  for (const std::string& end : kEnds) {
    expect_one(sent(end, 0), end, 0);
    DotStuffing stuffing;
    std::string wire;
    stuffing.append(wire, "x" + end);
    stuffing.finish(wire);
    expect_one(wire, end, 1);
  }
}

Test(smuggling, overlays_and_message_make_no_end_between_them) {
  for (const std::string& end : kEnds) {
    for (std::size_t cut = 0; cut <= end.size(); ++cut) {
      const std::string rest = end.substr(cut) + kSmuggled;
      const Fd file(::memfd_create("message", MFD_CLOEXEC));
      cr_assert_eq(::write(file.get(), rest.data(), rest.size()),
                   static_cast<ssize_t>(rest.size()));
      Job job;
      job.length = rest.size();
      job.headers = "Subject: x" + end.substr(0, cut);
      Body body(job, file.get(), false);
      std::string wire;
      for (bool more = true; more;)
        more = *body.fill(wire);
      expect_one(wire, end, cut);
    }
  }
}

Test(smuggling, nul_bytes_arrive_as_they_were) {
  struct Row {
    std::string in;
    std::string out;
  };
  for (const Row& row : {Row{"\0.\r\n"s, ".\0.\r\n.\r\n"s}, Row{"\0\0\r\n"s, "\0\0\r\n.\r\n"s},
                         Row{"\0"s, "\0\r\n.\r\n"s}, Row{"\0.x"s, ".\0.x\r\n.\r\n"s},
                         Row{"a\0.\r\n\0b\r\n"s, "a\0.\r\n\0b\r\n.\r\n"s}}) {
    for (const std::size_t piece : {1, 2, 100}) {
      DotStuffing stuffing;
      std::string wire;
      for (std::size_t at = 0; at < row.in.size(); at += piece)
        stuffing.append(wire, std::string_view(row.in).substr(at, piece));
      stuffing.finish(wire);
      cr_expect(wire == row.out, "%s: %s", shown(row.in).c_str(), shown(wire).c_str());
    }
  }
}

Test(smuggling, a_message_of_nothing_but_nuls_is_not_held_in_memory) {
  DotStuffing stuffing;
  std::string wire;
  const std::string block(Body::kBlock, '\0');
  std::size_t sent_bytes = 0;
  for (int i = 0; i < 10; ++i) {
    wire.clear();
    stuffing.append(wire, block);
    sent_bytes += wire.size();
  }
  cr_expect(sent_bytes >= 9 * Body::kBlock, "%zu", sent_bytes);
}
