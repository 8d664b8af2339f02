// What waypost.toml says of senders: rewriting, and the keys that sign.
#include "route/effective.h"
#include "tests/unit/route/complaint_rows.h"

namespace waypost::route {
namespace {

constexpr const char* kFile = "from_rewrite = \"@B\xC3\xBC"
                              "cher.example\"\n"
                              "[account.root]\nfrom_rewrite = \"me@a.example\"\n"
                              "[[account.root.route]]\ntransport = \"direct\"\n"
                              "[account.\"smtp:eve\"]\nfrom_rewrite = \"@a.example\"\n"
                              "[domain.\"a.example\"]\ndkim_sign = [\"Mail2026\", \"ed\"]\n";

} // namespace

Test(senders, are_compiled) {
  auto snapshot = configure(kFile, "waypost.toml");
  cr_assert(snapshot.has_value(), "%s", listed(snapshot.error()).c_str());
  cr_assert(snapshot->accounts.size() == 2 && snapshot->domains.size() == 1);
  cr_expect(snapshot->accounts[0].name == "root" && snapshot->accounts[1].name == "smtp:eve");
  cr_expect(snapshot->rewriting_of("root") == "me@a.example");
  cr_expect(snapshot->rewriting_of("alice") == "@xn--bcher-kva.example");
  cr_expect(snapshot->rewriting_of("smtp:eve") == "@a.example");
  cr_expect(snapshot->rewriting_of("smtp:bob").empty(), "a login is no account of this machine");
  const std::vector<std::string> selectors = {"mail2026", "ed"};
  cr_expect(snapshot->domains[0].dkim_sign == selectors && snapshot->signs());
  snapshot->settings.generation = 1; // as whoever compiles it would
  const auto back = decode_snapshot(encode_snapshot(*snapshot));
  cr_assert(back.has_value());
  cr_expect(encode_snapshot(*back) == encode_snapshot(*snapshot));
  cr_expect(back->rewriting_of("root") == "me@a.example" && back->signs());
  cr_expect(!configure("", "waypost.toml")->signs());
}

Test(senders, are_shown_as_a_file_that_means_the_same) {
  const auto first = read_configuration(kFile, "waypost.toml");
  cr_assert(first.has_value());
  const std::string text = effective_text(effective(*first), "waypost.toml");
  const auto again = read_configuration(text, "waypost.toml");
  cr_assert(again.has_value(), "%s\n%s", text.c_str(), listed(again.error()).c_str());
  cr_expect(again->snapshot.rewriting_of("root") == "me@a.example");
  cr_expect(again->snapshot.accounts.size() == 2 && again->snapshot.signs(), "%s", text.c_str());
  cr_expect(effective_json(effective(*first), "waypost.toml")
                .contains(R"({"section":"account","account":"root","key":"from_rewrite",)"));
}

Test(senders, mistakes_have_their_lines) {
  expect_complaints(std::to_array<Row>({
      {"from_rewrite = \"me\"\n", 1, "is neither a mail address nor @ and a domain"},
      {"from_rewrite = \"@\"\n", 1, "is neither a mail address nor @ and a domain"},
      {"from_rewrite = \"\"\n", 1, "is neither a mail address nor @ and a domain"},
      {"from_rewrite = [\"a@b.example\"]\n", 1, "is not a text in quotes"},
      {"[account.root]\nfrom_rewrite = 1\n", 2, "is not a text in quotes"},
      {"[account.root]\nfrom_rewrit = \"a@b.example\"\n", 2, "did you mean \"from_rewrite\"?"},
      {"[account.root]\ndkim_sign = \"a\"\n", 2, "it belongs in a [domain.\"NAME\"]"},
      {"[domain.\"a.example\"]\ndkim_sign = [\"a\", \"a\"]\n", 2, "stands there twice"},
      {"[domain.\"a.example\"]\ndkim_sign = \"../a\"\n", 2, "is no selector"},
      {"[domain.\"a.example\"]\nfrom_rewrite = \"a@b.example\"\n", 2,
       "it belongs to the whole file"},
  }));
}

} // namespace waypost::route
