// SCRAM, a case a test: what a server may say, and what it may not.

#include <criterion/criterion.h>

#include "sasl/base64.h"
#include "sasl/scram.h"
#include "sasl/scram_message.h"
#include "tests/unit/sasl/derive_keys.h"

using namespace waypost;
using namespace waypost::sasl;
using namespace waypost::test;

namespace {

constexpr const char* kNonce = "rOprNGfwEbeRWgbNEkqO";
constexpr const char* kFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                               "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

class Derives final : public ScramKeySource {
public:
  Result<ScramKeys> keys(Digest digest, std::string_view salt, std::uint32_t iterations) override {
    ++asked;
    return derive_scram_keys(digest, "pencil", salt, iterations);
  }
  int asked = 0;
};

std::string text_of(const Secret& secret) {
  return std::string(view(secret));
}

// The server's half, for what no vector holds.
class Server {
public:
  Server(Digest digest, std::string client_first, std::string gs2_and_binding)
      : digest_(digest),
        cbind_(std::move(gs2_and_binding)) {
    bare_ = client_first.substr(client_first.find(",,") + 2);
    first_ = "r=" + bare_.substr(bare_.find(",r=") + 3) + "srv,s=c2FsdHNhbHQ=,i=4096";
  }
  [[nodiscard]] const std::string& first() const { return first_; }
  // Checks the proof and gives the last message.
  [[nodiscard]] std::string last(const std::string& client_final) const {
    const std::size_t proof = client_final.rfind(",p=");
    const std::string unproven = client_final.substr(0, proof);
    cr_expect(unproven.starts_with("c=" + text_of(encode_base64(cbind_)) + ",r="), "%s",
              unproven.c_str());
    const std::string auth = bare_ + ',' + first_ + ',' + unproven;
    const ScramKeys keys = *derive_scram_keys(digest_, "pencil", "saltsalt", 4096);
    Secret client = *hmac(digest_, view(*hash(digest_, view(keys.client_key))), auth);
    for (std::size_t i = 0; i < client.size(); ++i)
      client[i] = static_cast<char>(client[i] ^ keys.client_key[i]);
    cr_expect(client_final.substr(proof + 3) == text_of(encode_base64(view(client))));
    const Secret server = *hmac(digest_, view(keys.server_key), auth);
    return "v=" + text_of(encode_base64(view(server)));
  }

private:
  Digest digest_;
  std::string cbind_;
  std::string bare_;
  std::string first_;
};

void expect_bad_first(const char* what, const std::string& message) {
  cr_expect(!parse_server_first(message, "abc"), "%s", what);
}

} // namespace

// RFC 5802 5.
Test(scram, sha1_gives_the_rfc_example) {
  Derives keys;
  Scram scram(Digest::sha1, {}, "user", "fyko+d2lbbFgONRv9qkxdawL", keys);
  cr_expect(text_of(*scram.initial()) == "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
  const auto last = scram.respond("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,"
                                  "i=4096");
  cr_assert(last.has_value());
  cr_expect(text_of(*last) == "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
                              "p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
  const auto empty = scram.respond("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
  cr_assert(empty.has_value());
  cr_expect(empty->empty());
  cr_expect(scram.accepted().has_value());
}

// RFC 7677 3.
Test(scram, sha256_gives_the_rfc_example) {
  Derives keys;
  Scram scram(Digest::sha256, {}, "user", kNonce, keys);
  cr_expect(text_of(*scram.initial()) == std::string("n,,n=user,r=") + kNonce);
  const auto last = scram.respond(kFirst);
  cr_assert(last.has_value());
  cr_expect(text_of(*last) == "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                              "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  cr_expect(scram.respond("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").has_value());
  cr_expect(scram.accepted().has_value());
}

Test(scram, plus_binds_to_the_channel) {
  for (const auto& [type, digest] : {std::pair{"tls-exporter", Digest::sha256},
                                     std::pair{"tls-server-end-point", Digest::sha1}}) {
    Derives keys;
    const std::string bytes("\x00\x01 channel \xff", 12);
    Scram scram(digest, {Gs2::bound, type, bytes}, "user", "abc", keys);
    const std::string first = text_of(*scram.initial());
    cr_expect(first == "p=" + std::string(type) + ",,n=user,r=abc", "%s", first.c_str());
    const Server server(digest, first, "p=" + std::string(type) + ",," + bytes);
    const auto last = scram.respond(server.first());
    cr_assert(last.has_value());
    cr_expect(scram.respond(server.last(text_of(*last))).has_value());
    cr_expect(scram.accepted().has_value());
  }
}

Test(scram, says_y_where_the_server_offers_no_binding) {
  Derives keys;
  Scram scram(Digest::sha256, {Gs2::could, {}, {}}, "user", "abc", keys);
  const std::string first = text_of(*scram.initial());
  cr_expect(first == "y,,n=user,r=abc");
  const Server server(Digest::sha256, first, "y,,");
  const auto last = scram.respond(server.first());
  cr_assert(last.has_value());
  cr_expect(scram.respond(server.last(text_of(*last))).has_value());
}

Test(scram, refuses_a_wrong_signature_of_the_server) {
  Derives keys;
  Scram scram(Digest::sha256, {}, "user", kNonce, keys);
  cr_assert(scram.initial().has_value());
  cr_assert(scram.respond(kFirst).has_value());
  cr_expect(!scram.respond("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G8="));
  cr_expect(!scram.accepted());
}

Test(scram, refuses_a_signature_that_is_shorter) {
  Derives keys;
  Scram scram(Digest::sha256, {}, "user", kNonce, keys);
  cr_assert(scram.initial().has_value());
  cr_assert(scram.respond(kFirst).has_value());
  cr_expect(!scram.respond("v=6rri"));
}

Test(scram, accepted_before_the_server_has_signed_is_a_failure) {
  Derives keys;
  Scram scram(Digest::sha256, {}, "user", kNonce, keys);
  cr_expect(!scram.accepted(), "before anything");
  Scram second(Digest::sha256, {}, "user", kNonce, keys);
  cr_assert(second.initial().has_value());
  cr_expect(!second.accepted(), "before the first challenge");
  Scram third(Digest::sha256, {}, "user", kNonce, keys);
  cr_assert(third.initial().has_value());
  cr_assert(third.respond(kFirst).has_value());
  cr_expect(!third.accepted(), "before the signature");
  cr_expect(!third.respond("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), "and too late then");
}

Test(scram, a_challenge_after_the_end_is_refused) {
  Derives keys;
  Scram scram(Digest::sha256, {}, "user", kNonce, keys);
  cr_assert(scram.initial().has_value());
  cr_assert(scram.respond(kFirst).has_value());
  cr_assert(scram.respond("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").has_value());
  cr_expect(!scram.respond(""));
  cr_expect(!scram.accepted());
}

Test(scram, the_servers_error_is_answered_and_never_accepted) {
  Derives keys;
  Scram scram(Digest::sha256, {}, "user", kNonce, keys);
  cr_assert(scram.initial().has_value());
  cr_assert(scram.respond(kFirst).has_value());
  const auto empty = scram.respond("e=invalid-proof");
  cr_assert(empty.has_value());
  cr_expect(empty->empty());
  cr_expect(scram.reason() == "invalid-proof");
  cr_expect(!scram.accepted());
}

Test(scram, nothing_is_derived_for_a_message_that_breaks_a_rule) {
  Derives keys;
  Scram scram(Digest::sha256, {}, "user", kNonce, keys);
  cr_assert(scram.initial().has_value());
  cr_expect(!scram.respond("r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
  cr_expect_eq(keys.asked, 0);
}

Test(scram, nonces_differ_and_hold_no_comma) {
  const std::string one = Scram::fresh_nonce();
  cr_expect_eq(one.size(), 24);
  cr_expect(one != Scram::fresh_nonce());
  cr_expect(one.find(',') == std::string::npos);
}

Test(scram_message, takes_a_first_message_and_passes_over_extensions) {
  const auto read = parse_server_first("r=abcdef,s=MTIzNDU2Nzg=,i=4096,x=y", "abc");
  cr_assert(read.has_value(), "%s", read.error().text.c_str());
  cr_expect(read->nonce == "abcdef" && read->salt == "12345678" && read->iterations == 4096);
}

Test(scram_message, the_nonce_begins_with_ours_and_is_longer) {
  expect_bad_first("only ours", "r=abc,s=MTIzNDU2Nzg=,i=4096");
  expect_bad_first("another", "r=abXdef,s=MTIzNDU2Nzg=,i=4096");
  expect_bad_first("shorter", "r=ab,s=MTIzNDU2Nzg=,i=4096");
  expect_bad_first("none", "r=,s=MTIzNDU2Nzg=,i=4096");
  expect_bad_first("a space in it", "r=abc def,s=MTIzNDU2Nzg=,i=4096");
  expect_bad_first("a control character", "r=abc\x01,s=MTIzNDU2Nzg=,i=4096");
}

Test(scram_message, the_salt_has_eight_bytes_and_is_base64) {
  expect_bad_first("seven bytes", "r=abcd,s=MTIzNDU2Nw==,i=4096");
  expect_bad_first("none", "r=abcd,s=,i=4096");
  expect_bad_first("no base64", "r=abcd,s=MTIzNDU2Nz*=,i=4096");
  expect_bad_first("no padding", "r=abcd,s=MTIzNDU2Nzg,i=4096");
}

Test(scram_message, iterations_are_within_their_bounds) {
  for (const char* const good : {"2048", "4096", "1000000"}) {
    const std::string message = std::string("r=abcd,s=MTIzNDU2Nzg=,i=") + good;
    cr_expect(parse_server_first(message, "abc").has_value(), "%s", good);
  }
  for (const char* const bad : {"2047", "1", "0", "", "1000001", "4294967296",
                                "99999999999999999999", "04096", "+4096", "-1", "4096 ", "4e3"}) {
    const std::string message = std::string("r=abcd,s=MTIzNDU2Nzg=,i=") + bad;
    cr_expect(!parse_server_first(message, "abc"), "%s", bad);
  }
}

Test(scram_message, a_mandatory_extension_is_refused) {
  expect_bad_first("in front", "m=x,r=abcd,s=MTIzNDU2Nzg=,i=4096");
  expect_bad_first("behind", "r=abcd,s=MTIzNDU2Nzg=,i=4096,m=x");
}

Test(scram_message, attributes_come_in_their_order) {
  expect_bad_first("salt first", "s=MTIzNDU2Nzg=,r=abcd,i=4096");
  expect_bad_first("no count", "r=abcd,s=MTIzNDU2Nzg=");
  expect_bad_first("empty", "");
  expect_bad_first("no extension", "r=abcd,s=MTIzNDU2Nzg=,i=4096,xyz");
}

Test(scram_message, a_final_message_holds_a_signature_or_an_error) {
  cr_expect(parse_server_final("v=AAAA").value().signature == std::string(3, '\0'));
  cr_expect(parse_server_final("v=AAAA,x=1").has_value());
  cr_expect(parse_server_final("e=other-error").value().error == "other-error");
  for (const char* const bad : {"", "v=", "v=*", "e=", "x=AAAA", "v=AAAA,m=1", "v"})
    cr_expect(!parse_server_final(bad), "%s", bad);
}
