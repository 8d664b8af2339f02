// What the RFCs print: the same bytes give the same signatures.
#include <array>
#include <criterion/criterion.h>

#include "dkim/message.h"
#include "dkim/signature.h"
#include "tests/unit/dkim/rfc_messages.h"

using namespace waypost;
using namespace waypost::dkim;

namespace {

// A message read in pieces of `step` bytes.
Message read(std::string_view bytes, Canonical body, std::size_t step) {
  Message message(body);
  for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size())))
    cr_assert(message.take(bytes.substr(0, step)).has_value());
  cr_assert(message.finish().has_value());
  return message;
}

struct Row {
  const char* name;
  std::string_view key;
  std::string message;
  Canonical form;
  std::vector<std::string> names;
  std::string_view field;
  std::string_view signature;
};

std::vector<Row> rows() {
  const std::string of_6376 =
      std::string(test::kReceived) + std::string(test::kHeader) + "\r\n" + std::string(test::kBody);
  const std::string of_8463 = std::string(test::kHeader) + "\r\n" + std::string(test::kBodyOf8463);
  const std::vector<std::string> names = {"from",       "to",   "subject", "date",
                                          "message-id", "from", "subject", "date"};
  return {{"RFC 6376 A.2",
           test::kKeyOf6376,
           of_6376,
           Canonical::simple,
           {"Received", "From", "To", "Subject", "Date", "Message-ID"},
           test::kFieldOf6376,
           test::kSignatureOf6376},
          {"RFC 8463 A.3, Ed25519", test::kEd25519KeyOf8463, of_8463, Canonical::relaxed, names,
           test::kEd25519FieldOf8463, test::kEd25519SignatureOf8463},
          {"RFC 8463 A.3, RSA", test::kRsaKeyOf8463, of_8463, Canonical::relaxed, names,
           test::kRsaFieldOf8463, test::kRsaSignatureOf8463}};
}

} // namespace

Test(dkim_vectors, give_the_signatures_of_the_rfcs) {
  for (const Row& row : rows()) {
    const Result<Key> key = Key::parse(row.key);
    cr_assert(key.has_value(), "%s: %s", row.name, key.error().text.c_str());
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, row.message.size()}) {
      const Message message = read(row.message, row.form, step);
      cr_expect(base64(message.body_hash()) == test::kBodyHash, "%s: %s", row.name,
                base64(message.body_hash()).c_str());
      const auto signature =
          sign_field(*key, row.field, message.header().fields(), row.names, row.form);
      cr_assert(signature.has_value(), "%s", row.name);
      cr_expect(base64(*signature) == row.signature, "%s: %s", row.name,
                base64(*signature).c_str());
    }
  }
}

Test(dkim_vectors, a_message_with_bare_line_feeds_is_signed_as_it_leaves) {
  std::string bare = std::string(test::kHeader) + "\r\n" + std::string(test::kBodyOf8463);
  std::erase(bare, '\r');
  const Message message = read(bare, Canonical::relaxed, 3);
  cr_expect(base64(message.body_hash()) == test::kBodyHash);
  cr_expect(message.header().wire() == test::kHeader);
}

Test(dkim_vectors, give_the_records_of_the_rfcs) {
  for (const auto& [pem, record] : std::to_array<std::pair<std::string_view, std::string_view>>(
           {{test::kRsaKeyOf8463, test::kRsaRecordOf8463},
            {test::kEd25519KeyOf8463, test::kEd25519RecordOf8463}})) {
    const Result<Key> key = Key::parse(pem);
    cr_assert(key.has_value());
    cr_expect(*key->dns_record() == record, "%s", key->dns_record()->c_str());
    cr_expect(*Key::parse(*key->pem())->dns_record() == record, "the key that was written");
  }
}

// RFC 6376 3.4.5.
Test(dkim_vectors, give_the_canonical_forms_of_the_rfc) {
  constexpr std::string_view kMessage = "A: X\r\n"
                                        "B : Y\t\r\n"
                                        "\tZ  \r\n"
                                        "\r\n"
                                        " C \r\n"
                                        "D \t E\r\n"
                                        "\r\n"
                                        "\r\n";
  const auto hash = [](std::string_view text) {
    Sha256 digest;
    digest.update(text);
    return digest.finish();
  };
  const Message relaxed = read(kMessage, Canonical::relaxed, 1);
  const Message simple = read(kMessage, Canonical::simple, 1);
  cr_expect(relaxed.body_hash() == hash(" C\r\nD E\r\n"));
  cr_expect(simple.body_hash() == hash(" C \r\nD \t E\r\n"));
  const std::vector<Field>& fields = relaxed.header().fields();
  cr_assert(fields.size() == 2);
  cr_expect(canonical_field(fields[0], Canonical::relaxed) == "a:X\r\n");
  cr_expect(canonical_field(fields[1], Canonical::relaxed) == "b:Y Z\r\n");
  cr_expect(canonical_field(fields[1], Canonical::simple) == "B : Y\t\r\n\tZ  \r\n");
}
