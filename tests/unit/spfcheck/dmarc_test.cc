// DMARC records, organizational domains, and alignment.
#include "spfcheck/dmarc.h"

#include <array>
#include <criterion/criterion.h>

#include "spfcheck/organization.h"

namespace waypost::spfcheck {

Test(dmarc, a_record_says_what_becomes_of_mail) {
  const auto parsed = parse_dmarc(
      "v=DMARC1; p=reject; sp=Quarantine; aspf=s; adkim=r; pct=20; rua=mailto:a@b.test; fo=1;");
  cr_assert(parsed.has_value());
  cr_expect(parsed->policy == DmarcPolicy::reject);
  cr_expect(parsed->subdomain_policy == DmarcPolicy::quarantine);
  cr_expect(parsed->strict_spf && !parsed->strict_dkim && parsed->percent == 20);
  cr_expect(parsed->reports && parsed->remark.empty());
}

Test(dmarc, what_is_left_out_has_its_default) {
  const auto parsed = parse_dmarc("v = DMARC1;p=quarantine");
  cr_assert(parsed.has_value());
  cr_expect(parsed->subdomain_policy == DmarcPolicy::quarantine);
  cr_expect(!parsed->strict_spf && !parsed->strict_dkim && parsed->percent == 100);
  cr_expect(!parsed->reports);
}

// RFC 7489 6.6.3.
Test(dmarc, without_a_policy_it_is_none_where_reports_are_wanted_and_else_no_record) {
  cr_expect(parse_dmarc("v=DMARC1; rua=mailto:a@b.test")->policy == DmarcPolicy::none);
  const auto unknown = parse_dmarc("v=DMARC1; p=rejekt; rua=mailto:a@b.test");
  cr_expect(unknown->policy == DmarcPolicy::none && unknown->remark.contains("p=rejekt"));
  cr_expect(!parse_dmarc("v=DMARC1; sp=none") && !parse_dmarc("v=DMARC1; p=rejekt"));
}

Test(dmarc, values_that_are_none_are_passed_over_and_told) {
  const auto parsed = parse_dmarc("v=DMARC1; p=none; aspf=strict; pct=101");
  cr_assert(parsed.has_value());
  cr_expect(!parsed->strict_spf && parsed->percent == 100);
  cr_expect(parsed->remark.contains("aspf=strict"), "%s", parsed->remark.c_str());
}

Test(dmarc, what_is_no_dmarc_record) {
  for (const char* text : {"", "v=spf1 -all", "v=dmarc1; p=none", "p=none; v=DMARC1", "DMARC1",
                           "v=DMARC12; p=none", " ; v=DMARC1"})
    cr_expect(!is_dmarc_record(text) && !parse_dmarc(text), "%s", text);
  cr_expect(is_dmarc_record("v=DMARC1") && is_dmarc_record("v =DMARC1 ; p=none"));
  cr_expect(!parse_dmarc("v=DMARC1; p=none; p=reject") && !parse_dmarc("v=DMARC1; p"));
}

Test(dmarc, the_organizational_domain_is_below_the_public_suffix) {
  const auto rows = std::to_array<std::pair<const char*, const char*>>({
      {"example.org", "example.org"},
      {"mail.example.org", "example.org"},
      {"a.b.example.co.uk", "example.co.uk"},
      {"example.co.uk", "example.co.uk"},
      {"co.uk", "co.uk"},
      {"org", "org"},
      {"mail.home.test", "home.test"}, // a suffix that no list knows is its last label
  });
  for (const auto& [domain, want] : rows)
    cr_expect(organizational_domain(domain) == want, "%s: %s", domain,
              organizational_domain(domain).c_str());
}

Test(dmarc, alignment) {
  cr_expect(aligned("a.test", "a.test", true) && aligned("a.test", "a.test", false));
  cr_expect(aligned("mail.a.test", "a.test", false) && !aligned("mail.a.test", "a.test", true));
  cr_expect(aligned("a.b.test", "c.b.test", false));
  cr_expect(!aligned("a.co.uk", "b.co.uk", false));
}

} // namespace waypost::spfcheck
