// The mechanisms beside SCRAM.

#include <criterion/criterion.h>

#include "sasl/bearer.h"
#include "sasl/cram_md5.h"
#include "sasl/exchange.h"
#include "sasl/external.h"
#include "sasl/plain.h"

using namespace waypost;
using namespace waypost::sasl;

namespace {

std::string text_of(const Secret& secret) {
  return std::string(view(secret));
}

std::unique_ptr<Mechanism> plain() {
  return std::make_unique<Plain>("tim", secret_of("tanstaaftanstaaf"));
}

} // namespace

// RFC 2195 2.
Test(cram_md5, gives_the_rfc_example) {
  CramMd5 mechanism("tim", secret_of("tanstaaftanstaaf"));
  cr_expect(!mechanism.initial(), "the server speaks first");
  const auto response = mechanism.respond("<1896.697170952@postoffice.reston.mci.net>");
  cr_assert(response.has_value());
  cr_expect(text_of(*response) == "tim b913a602c7eda7a495b4e6e7334d3890");
  cr_expect(mechanism.accepted().has_value());
}

Test(cram_md5, refuses_a_challenge_that_is_not_in_angle_brackets) {
  for (const char* const bad : {"", "<>", "1896.697170952@postoffice", "<a@b", "a@b>", "<a b@c>",
                                "<a@b><c@d>", "<a\x01@b>", "<\xc3\xa4@b>"}) {
    CramMd5 mechanism("tim", secret_of("x"));
    cr_expect(!mechanism.respond(bad), "%s", bad);
    cr_expect(!mechanism.accepted());
  }
}

Test(cram_md5, answers_one_challenge_only) {
  CramMd5 mechanism("tim", secret_of("x"));
  cr_assert(mechanism.respond("<1@b>").has_value());
  cr_expect(!mechanism.respond("<2@b>"));
}

Test(cram_md5, accepted_before_a_challenge_is_a_failure) {
  CramMd5 mechanism("tim", secret_of("x"));
  cr_expect(!mechanism.accepted());
}

// RFC 4616 4, without the authorization identity, which we never send.
Test(plain, gives_the_rfc_example) {
  Plain mechanism("tim", secret_of("tanstaaftanstaaf"));
  cr_expect(text_of(*mechanism.initial()) == std::string("\0tim\0tanstaaftanstaaf", 21));
  cr_expect(mechanism.accepted().has_value());
  cr_expect(!mechanism.respond(""), "there is no challenge");
}

Test(plain, accepted_before_anything_was_said_is_a_failure) {
  cr_expect(!plain()->accepted());
}

Test(login, answers_two_prompts_whatever_they_say) {
  Login mechanism("tim", secret_of("pw"));
  cr_expect(!mechanism.initial(), "the server speaks first");
  cr_expect(text_of(*mechanism.respond("User Name")) == "tim");
  cr_expect(!mechanism.accepted(), "too early");
  Login second("tim", secret_of("pw"));
  cr_expect(text_of(*second.respond("Username:")) == "tim");
  cr_expect(text_of(*second.respond("Password:")) == "pw");
  cr_expect(second.accepted().has_value());
}

Test(login, refuses_a_third_prompt) {
  Login mechanism("tim", secret_of("pw"));
  cr_assert(mechanism.respond("").has_value());
  cr_assert(mechanism.respond("").has_value());
  cr_expect(!mechanism.respond("again?"));
}

// RFC 7628 4.1.
Test(oauthbearer, gives_the_rfc_example) {
  const auto made = oauthbearer(
      "user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==", "server.example.com", 143);
  cr_assert(made.has_value());
  cr_expect(text_of(*(*made)->initial()) ==
            "n,a=user@example.com,\x01host=server.example.com\x01port=143\x01"
            "auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01");
}

// RFC 7628 4.3: the reason is answered with one %x01.
Test(oauthbearer, answers_the_reason_of_a_refusal_once) {
  const auto made = oauthbearer("user@example.com", "token", "h", 587);
  cr_assert(made.has_value());
  Mechanism& mechanism = **made;
  cr_assert(mechanism.initial().has_value());
  cr_expect(text_of(*mechanism.respond("{\"status\":\"invalid_token\"}")) == "\x01");
  cr_expect(mechanism.reason() == "{\"status\":\"invalid_token\"}");
  cr_expect(!mechanism.accepted(), "what was refused is not accepted");
  cr_expect(!mechanism.respond("{}"));
}

Test(oauthbearer, escapes_the_name) {
  const auto made = oauthbearer("a,b=c", "token", "h", 587);
  cr_expect(text_of(*(*made)->initial()).starts_with("n,a=a=2Cb=3Dc,\x01"));
}

// As Google documents it, with its own example's fields.
Test(xoauth2, says_user_and_token) {
  const auto made = xoauth2("someuser@example.com", "ya29.vF9dft4");
  cr_assert(made.has_value());
  cr_expect(text_of(*(*made)->initial()) == "user=someuser@example.com\x01"
                                            "auth=Bearer ya29.vF9dft4\x01\x01");
  cr_expect(text_of(*(*made)->respond("{\"status\":\"401\"}")) == "", "an empty response");
}

Test(xoauth2, refuses_what_would_break_its_form) {
  cr_expect(!xoauth2("user\x01", "token"));
  for (const char* const bad : {"", "a b", "a\x01", "\xc3\xa4"})
    cr_expect(!xoauth2("user", bad), "%s", bad);
}

Test(external, says_for_whom_it_acts) {
  External nobody("");
  cr_expect(nobody.initial()->empty());
  cr_expect(nobody.accepted().has_value());
  External somebody("tim");
  cr_expect(text_of(*somebody.initial()) == "tim");
  cr_expect(!somebody.respond("password?"));
}

Test(exchange, speaks_base64) {
  Exchange exchange("PLAIN", plain());
  const LoginAnswer begun = exchange.begin();
  cr_expect(begun.kind == LoginAnswer::Kind::auth && begun.mechanism == "PLAIN");
  cr_expect(begun.initial == "AHRpbQB0YW5zdGFhZnRhbnN0YWFm");
  cr_expect(exchange.accepted().kind == LoginAnswer::Kind::proven);
}

Test(exchange, an_empty_initial_response_is_not_the_same_as_none) {
  Exchange external("EXTERNAL", std::make_unique<External>(""));
  cr_expect(external.begin().initial == "");
  Exchange login("LOGIN", std::make_unique<Login>("tim", secret_of("pw")));
  cr_expect(!login.begin().initial);
}

Test(exchange, a_challenge_that_is_not_base64_is_cancelled) {
  for (const char* const bad : {"*", "PDFAYj4", "PDFAYj4=\n", " PDFAYj4=", "====", "PDFAYj5="}) {
    Exchange exchange("CRAM-MD5", std::make_unique<CramMd5>("tim", secret_of("x")));
    cr_expect(exchange.challenge(bad)->kind == LoginAnswer::Kind::cancel, "%s", bad);
  }
  Exchange exchange("CRAM-MD5", std::make_unique<CramMd5>("tim", secret_of("x")));
  cr_expect(exchange.challenge("PDFAYj4=")->kind == LoginAnswer::Kind::response);
}
