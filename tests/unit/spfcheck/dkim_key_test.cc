// DKIM key records: what verifiers can use, and why not.
#include "spfcheck/dkim_key.h"

#include <array>
#include <criterion/criterion.h>

#include "tests/unit/spfcheck/dkim_keys.h"

namespace waypost::spfcheck {

Test(dkim_key, keys_that_verifiers_can_use) {
  struct Row {
    std::string record;
    DkimKeyType type;
    int bits;
  };
  using enum DkimKeyType;
  const std::string key(kRsa1024);
  const std::string folded = key.substr(0, 50) + " \t" + key.substr(50);
  for (const Row& row : std::to_array<Row>({
           {std::string("v=DKIM1; k=rsa; p=") + kRsa2048, rsa, 2048},
           {std::string("p=") + kRsa1024, rsa, 1024},
           {std::string("v=DKIM1; p=") + kRsa512 + ";", rsa, 512},
           {"v=DKIM1;p=" + folded, rsa, 1024},
           {std::string("v=DKIM1; p=") + kRsa1024Alone, rsa, 1024},
           {std::string("v=DKIM1; k=ed25519; p=") + kEd25519, ed25519, 256},
           {std::string("v=DKIM1; h=sha1:sha256; s=email:x; n=a note; p=") + kRsa1024, rsa, 1024},
           {std::string("v=DKIM1; s=*; x_unknown=1; p=") + kRsa1024, rsa, 1024},
       })) {
    const auto parsed = parse_dkim_key(row.record);
    cr_assert(parsed.has_value(), "%s: %s", row.record.c_str(), parsed.error().text.c_str());
    cr_expect(parsed->type == row.type && parsed->bits == row.bits && !parsed->revoked, "%s: %d",
              row.record.c_str(), parsed->bits);
  }
}

Test(dkim_key, a_revoked_one_and_one_for_tests_are_told) {
  cr_expect(parse_dkim_key("v=DKIM1; p=")->revoked);
  cr_expect(parse_dkim_key(std::string("v=DKIM1; t=s:y; p=") + kRsa1024)->testing);
  cr_expect(!parse_dkim_key(std::string("v=DKIM1; t=s; p=") + kRsa1024)->testing);
}

Test(dkim_key, what_no_verifier_can_use_says_why) {
  struct Row {
    std::string record;
    const char* why;
  };
  const std::string key(kRsa1024);
  for (const Row& row : std::to_array<Row>({
           {"", "no p="},
           {"v=spf1 -all", "v=spf1 -all"},
           {"v=DKIM2; p=" + key, "is not v=DKIM1"},
           {"p=" + key + "; v=DKIM1", "first tag"},
           {"v=DKIM1; k=dsa; p=" + key, "k=dsa is unknown"},
           {"v=DKIM1; p=" + key + "; p=" + key, "twice"},
           {"v=DKIM1; h=sha1; p=" + key, "sha256"},
           {"v=DKIM1; s=tlsrpt; p=" + key, "not allow it for mail"},
           {"v=DKIM1; nothing; p=" + key, "nothing is not TAG=VALUE"},
           {"v=DKIM1; p=" + key.substr(1), "length"},
           {"v=DKIM1; p=*" + key.substr(1), "no letter of base64"},
           {"v=DKIM1; p=" + key.substr(0, 100), "no RSA key"},
           {"v=DKIM1; p=AAAA", "not the DER of a key"},
           {std::string("v=DKIM1; p=") + kEllipticCurve, "another algorithm"},
           {std::string("v=DKIM1; p=") + kEd25519, "not the DER of a key"},
           {"v=DKIM1; k=ed25519; p=" + key, "not the 32"},
       })) {
    const auto parsed = parse_dkim_key(row.record);
    cr_assert(!parsed.has_value(), "%s", row.record.c_str());
    cr_expect(parsed.error().text.contains(row.why), "%s: %s", row.record.c_str(),
              parsed.error().text.c_str());
  }
}

} // namespace waypost::spfcheck
