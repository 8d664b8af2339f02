#include <criterion/criterion.h>

#include <string>
#include <vector>

#include "lib/mail/date.h"
#include "lib/mail/message_file.h"
#include "lib/mail/message_id.h"

using namespace waypost;

namespace {

MessageHead sample() {
  MessageHead head;
  head.uid = 1000;
  head.login = "smtp:alice";
  head.peer = "192.0.2.1";
  head.arrival_us = 1763765333123456;
  head.message_length = 84812;
  head.envelope_length = 57;
  head.recipients = 3;
  head.hops = 2;
  head.eight_bit = true;
  return head;
}

} // namespace

Test(message_file, head_and_back) {
  const std::string block = encode_head(sample(), 12345);
  cr_assert_eq(block.size(), MessageHead::kSize);
  const auto head = decode_head(block);
  cr_assert(head.has_value(), "%s", head.error().text.c_str());
  MessageHead expected = sample();
  expected.checksum = head_checksum(sample(), 12345);
  cr_expect(*head == expected);
  cr_expect_eq(head->history_offset(), 512U + 84812 + 57 + 3);
}

Test(message_file, a_changed_byte_in_the_head_is_seen) {
  const std::string block = encode_head(sample(), 12345);
  const std::size_t text = block.find('\0');
  for (std::size_t i = 0; i < text; ++i) {
    std::string damaged = block;
    damaged[i] = damaged[i] == '1' ? '2' : '1';
    const auto head = decode_head(damaged);
    const bool sound = head.has_value() && head->checksum == head_checksum(*head, 12345);
    cr_expect_not(sound, "byte %zu", i);
  }
}

Test(message_file, torn_blocks_are_refused) {
  const std::string block = encode_head(sample(), 0);
  for (std::size_t length = 0; length < block.size(); length += 7) {
    cr_expect_not(decode_head(block.substr(0, length)).has_value());
  }
  cr_expect_not(decode_head(std::string(512, '\0')).has_value());
  cr_expect_not(decode_head(block.substr(0, 511) + "x").has_value());
}

Test(message_file, the_longest_head_fits_its_block) {
  MessageHead head = sample();
  head.uid = UINT32_MAX;
  head.login = std::string(100, 'l');
  head.peer = std::string(64, 'p');
  head.arrival_us = INT64_MAX;
  head.message_length = head.envelope_length = std::uint64_t{1} << 50;
  head.recipients = UINT32_MAX - 1;
  head.hops = UINT32_MAX;
  cr_expect(decode_head(encode_head(head, UINT32_MAX)).has_value());
}

Test(message_file, marks_only_go_forward) {
  const std::string all = "-DSTFRE";
  const std::vector<std::string> legal{"-D", "-S", "-T", "-F", "-R", "-E", "ST", "FR"};
  for (const char before : all) {
    for (const char after : all) {
      const std::string step{before, after};
      bool expected = false;
      for (const std::string& one : legal)
        expected = expected || one == step;
      cr_expect_eq(may_follow(*parse_mark(before), *parse_mark(after)), expected, "%s",
                   step.c_str());
    }
  }
  for (const char c : {'\0', 'd', ' ', 'X'})
    cr_expect_not(parse_mark(c).has_value());
}

Test(message_id, sorts_by_time_and_parses_again) {
  const MessageId early = MessageId::make(1763765333123456, 1);
  const MessageId late = MessageId::make(1763765333123457, 0);
  cr_expect(early < late);
  cr_expect_eq(early.text().size(), 16);
  cr_expect(MessageId::parse(early.text()) == early);
  cr_expect_eq(early.folder().size(), 2);
}

Test(message_id, derived_names) {
  const MessageId id = MessageId::make(1763765333123456, 33554431);
  const auto bounce = id.derive('b', 1);
  cr_assert(bounce.has_value());
  cr_expect_eq(bounce->text(), id.text() + ".b1");
  cr_expect_eq(bounce->origin(), id.text());
  cr_expect_eq(bounce->folder(), id.folder());
  cr_expect_eq(bounce->derive('b', 1)->text(), id.text() + ".b1.b1");
  cr_expect_eq(id.derive('d', 0)->text(), id.text() + ".d");
  auto deep = id;
  for (int i = 0; i < 4; ++i)
    deep = *deep.derive('c', 1);
  cr_expect_not(deep.derive('c', 1).has_value());
}

Test(message_id, nothing_else_is_an_id) {
  for (const char* text :
       {"", "abc", "../../etc/passwd", "0123456789abcdeW", "0123456789abcdef.",
        "0123456789abcdef.x1", "0123456789abcdef.b", "0123456789abcdef.b0", "0123456789abcdef.b01",
        "0123456789abcdef.d1", "0123456789abcdef/b1", "0123456789abcdef.b1.b1.b1.b1.b1"}) {
    cr_expect_not(MessageId::parse(text).has_value(), "%s", text);
  }
}

Test(date, both_forms) {
  cr_expect_eq(rfc5322_date(1763765333123456), "Fri, 21 Nov 2025 22:48:53 +0000");
  cr_expect_eq(rfc3339_date(1763765333123456), "2025-11-21T22:48:53Z");
  cr_expect_eq(rfc3339_date(0), "1970-01-01T00:00:00Z");
}
