#include <criterion/criterion.h>

#include "lib/sys/passwd.h"

using waypost::find_passwd_name;
using waypost::find_passwd_uid;
using waypost::parse_passwd_line;

Test(passwd, a_line_is_taken_whole_or_not_at_all) {
  const auto entry = parse_passwd_line("joe:x:1000:1000:Joe Doe,Room 1,,:/home/joe:/bin/sh");
  cr_assert(entry.has_value());
  cr_expect(entry->name == "joe" && entry->uid == 1000 && entry->gecos == "Joe Doe,Room 1,,");
  for (const char* line : {"", "joe:x:1000:1000:Joe:/home", ":x:1:1::/:/", "joe:x:-1:1::/:/",
                           "joe:x:99999999999:1::/:/", "+::::::", "# comment"})
    cr_expect(!parse_passwd_line(line), "%s", line);
}

Test(passwd, finds_root_by_number_and_name) {
  const auto by_uid = find_passwd_uid(0);
  cr_assert(by_uid.has_value());
  const auto by_name = find_passwd_name(by_uid->name);
  cr_assert(by_name.has_value());
  cr_expect(by_name->uid == 0);
  cr_expect(!find_passwd_name("no-such-user-of-waypost").has_value());
}
