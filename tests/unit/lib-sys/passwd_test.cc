#include <criterion/criterion.h>

#include "lib/sys/passwd.h"
#include "tests/unit/no_descriptors.h"

using waypost::find_group;
using waypost::find_passwd_name;
using waypost::find_passwd_uid;
using waypost::groups_of;
using waypost::parse_passwd_line;
using waypost::test::NoDescriptors;

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
  cr_assert(by_uid.has_value() && by_uid->has_value());
  const auto by_name = find_passwd_name((*by_uid)->name);
  cr_assert(by_name.has_value() && by_name->has_value());
  cr_expect((*by_name)->uid == 0);
  const auto nobody = find_passwd_name("no-such-user-of-waypost");
  cr_expect(nobody.has_value() && !nobody->has_value());
}

// No descriptor is left to read the files with: nobody is unknown for that.
Test(passwd, a_file_that_cannot_be_read_is_an_error_and_no_answer) {
  const NoDescriptors none;
  cr_expect(!find_passwd_uid(0).has_value());
  const auto root = find_passwd_name("root");
  cr_assert(!root.has_value());
  cr_expect(root.error().code == EMFILE && root.error().text.contains("/etc/passwd"));
  cr_expect(!find_group("mail").has_value() && !groups_of("root").has_value());
}
