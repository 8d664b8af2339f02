#include "sasl/choice.h"

#include <criterion/criterion.h>

using namespace waypost;
using namespace waypost::sasl;

namespace {

LoginScope verified() {
  LoginScope scope;
  scope.tls = TlsPolicy::verified;
  return scope;
}

LoginQuery offer(std::vector<std::string> mechanisms, bool tls = true, bool binding = true) {
  LoginQuery query;
  query.offered = std::move(mechanisms);
  query.tls = tls;
  if (binding) query.binding_type = "tls-exporter";
  return query;
}

std::string chosen(const LoginScope& scope, const LoginQuery& query,
                   SecretKind kind = SecretKind::password) {
  const auto row = choose({scope, query, kind});
  return row ? std::string((*row)->name) : "";
}

std::string why_not(const LoginScope& scope, const LoginQuery& query) {
  const auto row = choose({scope, query, SecretKind::password});
  return row ? std::string() : row.error().text;
}

} // namespace

Test(choice, takes_the_strongest_whatever_order_the_server_lists) {
  std::vector<std::string> offered{"LOGIN",
                                   "PLAIN",
                                   "CRAM-MD5",
                                   "SCRAM-SHA-1",
                                   "SCRAM-SHA-1-PLUS",
                                   "SCRAM-SHA-256",
                                   "SCRAM-SHA-256-PLUS"};
  const std::vector<std::string> order{"SCRAM-SHA-256-PLUS",
                                       "SCRAM-SHA-256",
                                       "SCRAM-SHA-1-PLUS",
                                       "SCRAM-SHA-1",
                                       "CRAM-MD5",
                                       "PLAIN",
                                       "LOGIN"};
  for (const std::string& next : order) {
    cr_expect(chosen(verified(), offer(offered)) == next, "%s", next.c_str());
    std::erase(offered, next);
  }
}

Test(choice, knows_mechanisms_in_any_case_and_passes_over_strange_ones) {
  cr_expect(chosen(verified(), offer({"NTLM", "plain", "GSSAPI"})) == "PLAIN");
}

Test(choice, passwords_are_shown_on_verified_tls_only) {
  LoginScope scope;
  for (const TlsPolicy policy :
       {TlsPolicy::off, TlsPolicy::opportunistic, TlsPolicy::required, TlsPolicy::verified}) {
    scope.tls = policy;
    for (const bool tls : {false, true}) {
      const bool may = policy == TlsPolicy::verified && tls;
      cr_expect(may_show_secret(scope, tls) == may);
      for (const char* const name : {"PLAIN", "LOGIN"})
        cr_expect(chosen(scope, offer({name}, tls)).empty() == !may, "%s", name);
    }
  }
}

Test(choice, tokens_are_shown_on_verified_tls_only) {
  for (const std::string name : {"XOAUTH2", "OAUTHBEARER"}) {
    LoginScope scope = verified();
    scope.mechanisms = {name};
    cr_expect(chosen(scope, offer({name}), SecretKind::token) == name);
    cr_expect(chosen(scope, offer({name}, false), SecretKind::token).empty());
    scope.tls = TlsPolicy::required;
    cr_expect(chosen(scope, offer({name}), SecretKind::token).empty());
  }
}

Test(choice, clear_text_needs_both_words_of_the_configuration) {
  LoginScope scope;
  scope.tls = TlsPolicy::off;
  cr_expect(chosen(scope, offer({"PLAIN"}, false)).empty());
  scope.cleartext_auth = true;
  cr_expect(chosen(scope, offer({"PLAIN"}, false)) == "PLAIN");
  scope.tls = TlsPolicy::opportunistic;
  cr_expect(chosen(scope, offer({"PLAIN"}, false)).empty());
}

Test(choice, what_shows_no_secret_needs_no_tls) {
  LoginScope scope;
  scope.tls = TlsPolicy::off;
  for (const char* const name : {"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5"})
    cr_expect(chosen(scope, offer({name}, false, false)) == name, "%s", name);
}

Test(choice, configured_mechanisms_are_all_that_may_be) {
  LoginScope scope = verified();
  scope.mechanisms = {"PLAIN", "SCRAM-SHA-1"};
  cr_expect(chosen(scope, offer({"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"})) == "SCRAM-SHA-1");
  cr_expect(chosen(scope, offer({"SCRAM-SHA-256"})).empty());
}

Test(choice, binding_needs_a_channel_to_bind_to) {
  const std::vector<std::string> offered{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1"};
  cr_expect(chosen(verified(), offer(offered)) == "SCRAM-SHA-256-PLUS");
  cr_expect(chosen(verified(), offer(offered, true, false)) == "SCRAM-SHA-1");
  cr_expect(chosen(verified(), offer(offered, false, true)) == "SCRAM-SHA-1");
}

Test(choice, nothing_in_common_says_both_lists) {
  LoginScope scope = verified();
  scope.mechanisms = {"SCRAM-SHA-256", "PLAIN"};
  cr_expect(
      why_not(scope, offer({"NTLM", "GSSAPI"})) ==
      "no mechanism in common: the server offers NTLM GSSAPI; allowed are SCRAM-SHA-256 PLAIN");
  cr_expect(
      why_not(scope, offer({})).starts_with("no mechanism in common: the server offers none"));
}

Test(choice, a_password_that_may_not_be_shown_is_explained) {
  LoginScope scope;
  scope.tls = TlsPolicy::opportunistic;
  const std::string why = why_not(scope, offer({"PLAIN"}));
  cr_expect(why.ends_with("; PLAIN shows the secret, and is used only with tls = \"verified\""),
            "%s", why.c_str());
}

Test(choice, tokens_and_certificates_are_used_only_when_named) {
  const LoginQuery all = offer({"XOAUTH2", "OAUTHBEARER", "EXTERNAL", "PLAIN"});
  cr_expect(chosen(verified(), all, SecretKind::token).empty());
  cr_expect(chosen(verified(), all, SecretKind::certificate).empty());
  LoginScope scope = verified();
  scope.mechanisms = {"XOAUTH2", "EXTERNAL"};
  cr_expect(chosen(scope, all, SecretKind::token) == "XOAUTH2");
  cr_expect(chosen(scope, all, SecretKind::certificate) == "EXTERNAL");
  cr_expect(chosen(scope, all, SecretKind::password).empty());
}

Test(binding, y_is_said_when_the_server_offers_none_though_tls_is_on) {
  const MechanismRow& plus = all_mechanisms()[0];
  const MechanismRow& bare = all_mechanisms()[1];
  LoginQuery query = offer({"SCRAM-SHA-256"});
  query.binding = "bytes";
  cr_expect(binding_for(bare, query).gs2 == Gs2::could);
  query.offered.emplace_back("SCRAM-SHA-1-PLUS");
  cr_expect(binding_for(bare, query).gs2 == Gs2::cannot, "it would be taken for a downgrade");
  cr_expect(binding_for(plus, query).gs2 == Gs2::bound);
  cr_expect(binding_for(plus, query).bytes == "bytes");
  query.offered = {"SCRAM-SHA-256"};
  query.tls = false;
  cr_expect(binding_for(bare, query).gs2 == Gs2::cannot);
  query.tls = true;
  query.binding_type.clear();
  cr_expect(binding_for(bare, query).gs2 == Gs2::cannot);
}
