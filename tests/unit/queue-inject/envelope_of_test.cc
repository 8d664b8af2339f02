#include <criterion/criterion.h>

#include "queue/inject/envelope_of.h"

using namespace waypost;
using namespace waypost::queue;

Test(envelope_of, senders_as_minus_f_takes_them) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"", ""},
      {"<>", ""},
      {"a@b", "a@b"},
      {"<a@b>", "a@b"},
      {"Joe <a@b>", "a@b"},
      {"root", "root@host.example"},
      {"\"x y\"@b", "\"x y\"@b"},
  };
  for (const auto& [text, address] : rows) {
    const auto sender = sender_address(text, "host.example");
    cr_assert(sender, "'%s': %s", text.data(), sender.error().text.c_str());
    cr_expect(sender->text() == address, "'%s': '%s'", text.data(), sender->text().c_str());
  }
}

Test(envelope_of, what_could_become_a_second_command_is_refused) {
  for (const std::string_view text :
       {"a@b\r\nRCPT TO:<c@d>", "a\n@b", "a@b\r", "a b@c", "a@b, c@d", "a@b\x01", "a@b c"})
    cr_expect(!sender_address(text, "host.example"), "'%s'", text.data());
}

Test(envelope_of, recipients_come_from_both_places_once_and_in_order) {
  const auto all = recipient_addresses({"a@b, c@d", "root"}, {"e@f", "a@b"}, "host.example");
  cr_assert(all.has_value());
  std::string joined;
  for (const Address& one : *all)
    joined += one.text() + "|";
  cr_expect(joined == "a@b|c@d|root@host.example|e@f|", "%s", joined.c_str());
  cr_expect(!recipient_addresses({"a@b\nc@d"}, {}, "host.example").has_value());
  cr_expect(recipient_addresses({}, {}, "host.example")->empty());
}

Test(envelope_of, an_address_beyond_ascii_asks_for_smtputf8) {
  const auto plain = Address::parse("a@b");
  const auto wide = Address::parse("b\xC3\xBC@c");
  const std::vector<Address> both{*plain, *wide};
  const std::span<const Address> narrow(both.data(), 1);
  cr_expect(!envelope_sender({}, *plain, narrow).utf8);
  cr_expect(envelope_sender({}, *plain, both).utf8);
  cr_expect(envelope_sender({}, *wide, narrow).utf8);
}
