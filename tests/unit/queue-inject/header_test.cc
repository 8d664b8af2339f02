#include <criterion/criterion.h>

#include "queue/inject/dot_stop.h"
#include "queue/inject/header_completion.h"
#include "queue/inject/header_recipients.h"
#include "queue/inject/header_section.h"

using namespace waypost::queue;

namespace {

struct Split {
  HeaderSection header;
  std::string body;
};

// The message divided, when its bytes come `step` at a time.
Split divide(std::string_view bytes, std::size_t step) {
  Split split;
  bool ended = false;
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, step);
    bytes.remove_prefix(part.size());
    if (!ended) {
      const auto fed = split.header.feed(part);
      cr_assert(fed.has_value());
      ended = *fed;
    } else {
      split.header.complete_line_end(part);
    }
    split.body += part;
  }
  if (!ended) split.header.finish();
  split.body = split.header.body_begin() + split.body;
  return split;
}

std::string fields_of(const HeaderSection& header) {
  std::string out;
  for (const HeaderField& field : header.fields())
    out += field.text + "|";
  return out;
}

struct Row {
  std::string_view message;
  std::string_view fields;
  std::string_view body;
};

constexpr Row kRows[] = {
    {"", "", ""},
    {"A: b", "A: b|", ""},
    {"A: b\n\nbody\n", "A: b|", "body\n"},
    {"A: b\r\n\r\nbody\r\n", "A: b|", "body\r\n"},
    {"A: b\r\n\r\n\r\nbody", "A: b|", "\r\nbody"},
    {"A: b\r\rbody\r", "A: b|", "body\r"},
    {"A: b\n\n\nbody\n", "A: b|", "\nbody\n"},
    {"A: b\n c\n\td\nE:f\n\n", "A: b\n c\n\td|E:f|", ""},
    {"hello\nworld\n", "", "hello\nworld\n"},
    {"A: b\nno field\nC: d\n", "A: b|", "no field\nC: d\n"},
    {" begins folded\n\nx", "", " begins folded\n\nx"},
    {"From me Mon Jan\nA : b\n\nx", "A : b|", "x"},
    {"\nbody", "", "body"},
    {"no end", "", "no end\n"},
};

HeaderSection header_of(std::string_view text) {
  return divide(text, 1000).header;
}

} // namespace

Test(header_section, ends_where_the_body_begins_however_the_bytes_come) {
  for (const Row& row : kRows) {
    for (const std::size_t step : {1U, 2U, 5U, 1000U}) {
      const Split split = divide(row.message, step);
      cr_expect(fields_of(split.header) == row.fields, "'%s' by %zu: '%s'", row.message.data(),
                step, fields_of(split.header).c_str());
      cr_expect(split.body == row.body, "'%s' by %zu: body '%s'", row.message.data(), step,
                split.body.c_str());
    }
  }
}

Test(header_section, is_bounded) {
  HeaderSection header;
  const std::string line = "X: " + std::string(1 << 20, 'x') + "\n";
  bool refused = false;
  for (int i = 0; i < 20 && !refused; ++i) {
    std::string_view rest = line;
    refused = !header.feed(rest).has_value();
  }
  cr_expect(refused);
}

Test(header_recipients, resent_fields_go_before_the_old_ones) {
  const auto plain =
      header_recipients(header_of("To: a@b\nTO: c@d\ncc: e@f\nBcc: g@h\nX-To: no\n\n"));
  cr_assert(plain.has_value());
  cr_expect(*plain == std::vector<std::string>({"a@b", "c@d", "e@f", "g@h"}));
  const auto resent = header_recipients(header_of("To: a@b\nResent-To: c@d\nResent-Bcc: e@f\n\n"));
  cr_expect(*resent == std::vector<std::string>({"c@d", "e@f"}));
  cr_expect(!header_recipients(header_of("To: john smith\n\n")).has_value());
}

Test(header_completion, adds_what_is_missing_and_strips_bcc) {
  const Completion completion{{"Joe", "joe@x"}, 1'795'303'575'113'372, "id@x"};
  HeaderSection bare = header_of("Subject: s\nBcc: secret@y\n folded\n\n");
  cr_expect(complete_header(bare, completion) ==
            "Subject: s\nDate: Sat, 21 Nov 2026 23:26:15 +0000\nFrom: Joe <joe@x>\n"
            "Message-ID: <id@x>\n\n");
  HeaderSection whole = header_of("date: x\nFROM: y\nMessage-Id: z\n\n");
  cr_expect(complete_header(whole, completion) == "date: x\nFROM: y\nMessage-Id: z\n\n");
  HeaderSection again = header_of("Date: x\nFrom: y\nMessage-Id: z\nResent-To: a@b\n\n");
  cr_expect(
      complete_header(again, completion)
          .starts_with("Resent-Date: Sat, 21 Nov 2026 23:26:15 +0000\nResent-From: Joe <joe@x>\n"
                       "Resent-Message-ID: <id@x>\nDate: x\n"));
}

Test(header_completion, adds_nothing_to_another_systems_header) {
  Completion completion{{"Joe", "joe@x"}, 1'795'303'575'113'372, "id@x"};
  completion.gateway = true;
  HeaderSection bare = header_of("Resent-To: a@b\nSubject: s\nBcc: secret@y\n\n");
  cr_expect(complete_header(bare, completion) == "Resent-To: a@b\nSubject: s\n\n");
}

Test(header_completion, names_are_quoted_or_encoded_as_they_need) {
  cr_expect(mailbox({"", "a@b"}) == "a@b");
  cr_expect(mailbox({"Joe Doe", "a@b"}) == "Joe Doe <a@b>");
  cr_expect(mailbox({"Doe, \"Joe\"", "a@b"}) == "\"Doe, \\\"Joe\\\"\" <a@b>");
  cr_expect(mailbox({"J\xC3\xBCrgen", "a@b"}) == "=?UTF-8?B?SsO8cmdlbg==?= <a@b>");
  cr_expect(mailbox({"Joe\nBcc: evil@x", "a@b"}) == "a@b");
  std::string name;
  for (int i = 0; i < 40; ++i)
    name += "\xE2\x82\xAC";
  const std::string box = mailbox({name, "a@b"});
  for (std::size_t at = 0; at < box.size();) {
    const std::size_t end = std::min(box.find('\n', at), box.size());
    cr_expect(end - at <= 76 + 6);
    at = end + 1;
  }
  cr_expect(gecos_name("& Doe,Room 1,,", "joe") == "Joe Doe");
}

Test(dot_stop, a_lone_dot_ends_the_message) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"a\n.\nb", "a\n"}, {"a\r\n.\r\nb", "a\r\n"},       {"a\r.\rb", "a\r"},
      {".\nb", ""},       {"a\n..\n.x\n", "a\n..\n.x\n"}, {"a\n.", "a\n"},
      {"a.\nb", "a.\nb"}, {"a\n. \nb", "a\n. \nb"},
  };
  for (const auto& [in, out] : rows) {
    for (const std::size_t step : {1U, 2U, 1000U}) {
      DotStop dots(false);
      std::string got;
      for (std::size_t at = 0; at < in.size() && !dots.ended(); at += step) {
        std::string_view part = in.substr(at, step);
        while (!part.empty() && !dots.ended())
          got += dots.next(part);
      }
      cr_expect(got == out, "'%s' by %zu: '%s'", in.data(), step, got.c_str());
    }
  }
  DotStop ignoring(true);
  std::string_view all = "a\n.\nb";
  cr_expect(ignoring.next(all) == "a\n.\nb");
}
