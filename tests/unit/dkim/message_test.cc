// Header and body: where one ends, what the canonical body is, and what is signed of the header.
#include <array>
#include <criterion/criterion.h>

#include "dkim/author.h"
#include "dkim/message.h"
#include "dkim/signed_fields.h"

using namespace waypost;
using namespace waypost::dkim;

namespace {

Message read(std::string_view bytes, Canonical body = Canonical::relaxed) {
  Message message(body);
  cr_assert(message.take(bytes).has_value());
  cr_assert(message.finish().has_value());
  return message;
}

std::string hash(std::string_view text) {
  Sha256 digest;
  digest.update(text);
  return digest.finish();
}

std::string joined(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& one : all)
    out += (out.empty() ? "" : ":") + one;
  return out;
}

} // namespace

Test(dkim_message, canonical_bodies) {
  struct Row {
    const char* what;
    std::string body;
    std::string simple;
    std::string relaxed;
  };
  const std::string lines(10'000, '\n');
  std::string ends;
  for (std::size_t i = 0; i < lines.size(); ++i)
    ends += "\r\n";
  for (const Row& row : std::to_array<Row>({
           {"none", "", "\r\n", ""},
           {"only empty lines", "\n\n\n", "\r\n", ""},
           {"only white space", " \t\n \n", " \t\r\n \r\n", ""},
           {"no end", "a", "a\r\n", "a\r\n"},
           {"empty lines within", "a\n\n\nb\n\n\n", "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n"},
           {"white lines within", "a\n \t\nb\n \n", "a\r\n \t\r\nb\r\n \r\n", "a\r\n\r\nb\r\n"},
           {"white space", "\t a\t\tb \t\n", "\t a\t\tb \t\r\n", " a b\r\n"},
           {"bare CR and LF", "a\rb\nc\r\nd", "a\r\nb\r\nc\r\nd\r\n", "a\r\nb\r\nc\r\nd\r\n"},
           {"8-bit, form feed", "\xC3\xA4\x0C \xA0\n", "\xC3\xA4\x0C \xA0\r\n",
            "\xC3\xA4\x0C \xA0\r\n"},
           {"NUL", std::string("a\0b", 3), std::string("a\0b\r\n", 5), std::string("a\0b\r\n", 5)},
           {"dots", ".\n..\n", ".\r\n..\r\n", ".\r\n..\r\n"},
           {"many empty lines", lines + "x" + lines, ends + "x\r\n", ends + "x\r\n"},
           {"a long line", std::string(100'000, 'x'), std::string(100'000, 'x') + "\r\n",
            std::string(100'000, 'x') + "\r\n"},
       })) {
    const std::string whole = "A: b\n\n" + row.body;
    cr_expect(read(whole, Canonical::simple).body_hash() == hash(row.simple), "%s", row.what);
    cr_expect(read(whole, Canonical::relaxed).body_hash() == hash(row.relaxed), "%s", row.what);
  }
}

Test(dkim_message, where_the_header_ends) {
  struct Row {
    const char* message;
    std::size_t fields;
    const char* body;
  };
  for (const Row& row : std::to_array<Row>({
           {"", 0, ""},
           {"A: b", 1, ""},
           {"A: b\n", 1, ""},
           {"A: b\n\n", 1, ""},
           {"A: b\n c\n\td\nE:\n\nx\n", 2, "x\r\n"},
           {"\nA: b\n", 0, "A: b\r\n"},
           {"A: b\nno field\nC: d\n\nx\n", 1, "no field\r\nC: d\r\n\r\nx\r\n"},
           {" white first\nA: b\n", 0, " white first\r\nA: b\r\n"},
           {"From someone Mon\nA: b\n", 0, "From someone Mon\r\nA: b\r\n"},
           {"A: b\n \nC: d\n", 2, ""},
           {": x\n", 0, ": x\r\n"},
           {"B\xC3\xA4: x\n", 0, "B\xC3\xA4: x\r\n"},
       })) {
    const Message message = read(row.message);
    cr_expect(message.header().fields().size() == row.fields, "'%s': %zu", row.message,
              message.header().fields().size());
    cr_expect(message.body_hash() == hash(row.body), "'%s'", row.message);
  }
}

Test(dkim_message, a_header_without_end_is_refused) {
  Message message(Canonical::relaxed);
  const std::string line = "A: " + std::string(std::size_t{1} << 20, 'x') + "\n";
  Result<> taken;
  for (int i = 0; i < 20 && taken; ++i)
    taken = message.take(line);
  cr_expect(!taken && taken.error().text.contains("16 MB"));
}

Test(dkim_message, signs_what_is_there_and_leaves_no_room_for_more) {
  struct Row {
    const char* header;
    const char* names;
  };
  for (const Row& row : std::to_array<Row>({
           {"To: x\n", ""},
           {"From: a@b\n", "From:From:To:Cc:Reply-To:Subject"},
           {"from: a@b\nFROM: c@d\n", "From:From:From:To:Cc:Reply-To:Subject"},
           {"From: a@b\nDate: x\nReceived: y\nX-Mine: z\n",
            "From:From:To:Cc:Reply-To:Subject:Date:Date"},
           {"From: a@b\nList-Unsubscribe: <x>\nList-Unsubscribe-Post: y\nDKIM-Signature: v=1\n",
            "From:From:To:Cc:Reply-To:Subject:List-Unsubscribe:List-Unsubscribe-Post"},
       })) {
    const Message message = read(row.header);
    const std::string names = joined(names_to_sign(message.header().fields()));
    cr_expect(names == row.names, "%s: %s", row.header, names.c_str());
  }
}

// RFC 6376 5.4.2: from the last field of a name upwards; a name without a field is nothing.
Test(dkim_message, of_fields_with_one_name_the_lowest_is_hashed_first) {
  const Message message = read("To: one\nSubject: x\nTo: two\n");
  const std::vector<std::string> names = {"to", "To", "TO", "cc", "Subject"};
  const std::string hashed = hashed_fields(message.header().fields(), names, Canonical::relaxed);
  cr_expect(hashed == "to:two\r\nto:one\r\nsubject:x\r\n", "%s", hashed.c_str());
}

Test(dkim_message, in_whose_name_it_is_written) {
  struct Row {
    const char* header;
    const char* domain; // or what the error holds
  };
  for (const Row& row : std::to_array<Row>({
           {"From: a@Example.ORG\n", "example.org"},
           {"From: \"x@evil.test\" <a@b.example>\n", "b.example"},
           {"From: B\xC3\xBC"
            "cher <a@b\xC3\xBC"
            "cher.example>\n",
            "xn--bcher-kva.example"},
           {"From: a@b.test,\n c@b.test\n", "b.test"},
           {"From: a@b.test, c@d.test\n", "!more than one domain"},
           {"From: a@b.test\nFrom: c@d.test\n", "!more than one domain"},
           {"From: root\n", "!without a domain"},
           {"From: a@[192.0.2.1]\n", "!without a domain"},
           {"From: undisclosed:;\n", "!no From"},
           {"Sender: a@b.test\n", "!no From"},
           {"From: a b\n", "!not an address"},
       })) {
    const auto domain = author_domain(read(row.header).header());
    const std::string_view expected = row.domain;
    const std::string got = domain ? *domain : "!" + domain.error().text;
    cr_expect(domain ? got == expected
                     : expected.starts_with('!') && got.contains(expected.substr(1)),
              "%s: %s", row.header, got.c_str());
  }
}

Test(dkim_message, a_field_may_get_another_body) {
  Message message = read("A: b\n c\nFrom: x\n\nbody\n");
  const std::size_t bytes = message.header().bytes();
  message.header().replace_body(0, " new\r\n\tfolded");
  cr_expect(message.header().wire() == "A: new\r\n\tfolded\r\nFrom: x\r\n");
  cr_expect(bytes == std::string_view("A: b\r\n c\r\nFrom: x\r\n").size());
}
