#include <criterion/criterion.h>

#include <string>

#include "smtpd/completion.h"

using waypost::smtpd::missing_fields;

namespace {

// The names of the fields, each with a colon; "/" for an empty line.
std::string missing(const std::string& begin, bool whole) {
  std::string fields =
      missing_fields(begin, whole, {"out.test", "a@b.test", 1'795'348'020'000'000});
  std::string names;
  for (std::size_t end = fields.find("\r\n"); end != std::string::npos; end = fields.find("\r\n")) {
    names += end == 0 ? "/" : fields.substr(0, fields.find(':') + 1);
    fields.erase(0, end + 2);
  }
  return names + fields;
}

} // namespace

Test(smtpd_completion, adds_what_is_missing_and_nothing_else) {
  struct Row {
    const char* begin;
    const char* missing;
  };
  const std::string all = "Date:From:Message-ID:";
  const Row rows[] = {
      {"date: x\r\nFROM: x\r\nmessage-id: x\r\n\r\n", ""},
      {"Date: x\r\nFrom : x\r\nMessage-ID\t: x\r\n", ""},
      {"Date: x\nFrom: x\nMessage-ID: x\n\nbody\n", ""},
      {"Subject: x\r\n From: x\r\nDate: x\r\n\r\nMessage-ID: x\r\n", "From:Message-ID:"},
      {"X-From: x\r\nFroms: x\r\nDate: x\r\nMessage-ID: x", "From:"},
      {"Date: x\r\nFrom: x\r\nno field\r\nMessage-ID: x\r\n", "Message-ID:"},
      {"\r\nDate: x\r\n", "Date:From:Message-ID:"},
      {"hello\r\nDate: x\r\n", "Date:From:Message-ID:/"},
      {" Date: x\r\n", "Date:From:Message-ID:/"},
      {"\xc3\xbc: x\r\n", "Date:From:Message-ID:/"},
      {": x\r\n", "Date:From:Message-ID:/"},
  };
  for (const Row& row : rows)
    cr_expect_eq(missing(row.begin, true), row.missing, "%s", row.begin);
  cr_expect_eq(missing("", true), all + "/");
}

Test(smtpd_completion, tells_nothing_of_a_header_that_goes_on) {
  cr_expect_eq(missing("Subject: x\r\n", false), "");
  cr_expect_eq(missing("Subject: x\r\nDat", false), "");
  cr_expect_eq(missing("Subject: x\r\n\r\n", false), "Date:From:Message-ID:");
}

Test(smtpd_completion, a_notice_is_from_the_mail_system) {
  const std::string fields = missing_fields("Date: x\r\n\r\n", true, {"out.test", "", 0});
  cr_expect(fields.starts_with("From: Mail Delivery System <MAILER-DAEMON@out.test>\r\n"));
}
