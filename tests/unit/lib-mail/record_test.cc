#include "lib/mail/record.h"

#include <criterion/criterion.h>

using namespace std::string_literals;
using waypost::Record;

Test(record, keys_are_small_letters_digits_and_underscores) {
  const struct {
    std::string bytes;
    bool good;
  } rows[] = {
      {"utf8=1\0"s, true},  {"retry_s=1\0"s, true}, {"a=\0"s, true},    {""s, true},
      {"8utf=1\0"s, false}, {"=1\0"s, false},       {"Id=1\0"s, false}, {"a b=1\0"s, false},
      {"a=1"s, false},      {"a\0"s, false},
  };
  for (const auto& row : rows)
    cr_expect(Record::decode(row.bytes).has_value() == row.good, "%s", row.bytes.c_str());
}
