#include <criterion/criterion.h>

#include <string>
#include <vector>

#include "lib/mail/ranges.h"
#include "lib/mail/record.h"

using namespace waypost;

Test(record, keeps_order_repeats_and_any_byte_but_nul) {
  Record record;
  record.add("rcpt", "1").add("reply", "a=b\r\n\xff").add("rcpt", "2").add("empty", "");
  const auto decoded = Record::decode(record.encode());
  cr_assert(decoded.has_value());
  cr_assert_eq(decoded->size(), 4);
  cr_expect(decoded->field(1).value == "a=b\r\n\xff");
  cr_expect(decoded->field(2).value == "2");
  cr_expect(decoded->get("rcpt") == "1");
  cr_expect(decoded->has("empty"));
  cr_expect_not(decoded->has("absent"));
}

Test(record, a_nul_in_a_value_forges_no_field) {
  Record record;
  record.add("reply", std::string_view("x\0outcome=delivered", 19));
  const auto decoded = Record::decode(record.encode());
  cr_assert(decoded.has_value());
  cr_expect_eq(decoded->size(), 1);
  cr_expect(decoded->get("reply") == "x?outcome=delivered");
}

Test(record, keys_are_small_letters_digits_and_underscores) {
  struct Row {
    std::string bytes;
    bool good;
  };
  using namespace std::string_literals;
  const std::vector<Row> rows{
      {"utf8=1\0"s, true},  {"retry_s=1\0"s, true}, {"a=\0"s, true},    {""s, true},
      {"8utf=1\0"s, false}, {"=1\0"s, false},       {"Id=1\0"s, false}, {"a b=1\0"s, false},
  };
  for (const Row& row : rows) {
    cr_expect_eq(Record::decode(row.bytes).has_value(), row.good, "%s", row.bytes.c_str());
  }
}

Test(record, malformed_is_an_error) {
  const std::vector<std::string> rows{"a=b",
                                      std::string("ab\0", 3),
                                      std::string("=b\0", 3),
                                      std::string("A=b\0", 4),
                                      std::string("\0", 1),
                                      std::string("a=b\0c", 5)};
  for (const std::string& row : rows)
    cr_expect_not(Record::decode(row).has_value(), "%s", row.c_str());
}

Test(ranges, text_and_back) {
  for (const char* text : {"0", "0-3", "0-3,7", "1,3,5-4294967294"}) {
    const auto ranges = Ranges::parse(text);
    cr_assert(ranges.has_value(), "%s", text);
    cr_expect_eq(ranges->text(), text);
  }
  for (const char* text : {"", "-", "3-1", "1,1", "2,1", "1-3,2", "a", "1,", "4294967295", "1-"}) {
    const auto ranges = Ranges::parse(text);
    const bool same = ranges.has_value() && ranges->text() == text;
    cr_expect_not(same, "%s", text);
  }
}

Test(ranges, joins_neighbours_and_knows_its_members) {
  Ranges ranges;
  for (const std::uint32_t n : {0U, 1U, 2U, 5U, 7U, 8U})
    ranges.add(n);
  cr_expect_eq(ranges.text(), "0-2,5,7-8");
  cr_expect_eq(ranges.count(), 6);
  for (std::uint32_t n = 0; n < 10; ++n) {
    const bool member = n <= 2 || n == 5 || n == 7 || n == 8;
    cr_expect_eq(ranges.contains(n), member, "%u", n);
  }
}
