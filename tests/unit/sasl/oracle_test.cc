// The oracle: what it gives to whom.

#include "sasl/oracle.h"

#include <criterion/criterion.h>

#include "sasl/filter.h"
#include "tests/unit/sasl/oracle_world.h"

using namespace waypost;
using namespace waypost::sasl;
using namespace waypost::test;

namespace {

using Kind = LoginAnswer::Kind;

} // namespace

Test(oracle, gives_a_password_where_the_scope_allows_it) {
  World world;
  const LoginAnswer begun = world.begin({"PLAIN"});
  cr_assert(begun.kind == Kind::auth, "%s", begun.text.c_str());
  cr_expect(decode_base64(*begun.initial) == std::string("\0user\0pencil", 12));
  cr_expect(world.accepted().kind == Kind::proven);
}

Test(oracle, gives_no_password_where_deliver_has_not_fixed_verified_tls) {
  for (const TlsPolicy policy : {TlsPolicy::off, TlsPolicy::opportunistic, TlsPolicy::required}) {
    World world("ses", policy);
    const LoginAnswer begun = world.begin({"PLAIN", "LOGIN"}); // the sender claims to have TLS
    cr_expect(begun.kind == Kind::refused);
    cr_expect(!begun.initial);
  }
}

Test(oracle, gives_no_token_where_deliver_has_not_fixed_verified_tls) {
  World world("google", TlsPolicy::required);
  world.scope.mechanisms = {"XOAUTH2", "OAUTHBEARER"};
  cr_expect(world.begin({"XOAUTH2", "OAUTHBEARER"}).kind == Kind::refused);
}

Test(oracle, gives_a_token_on_verified_tls) {
  World world("google");
  world.scope.mechanisms = {"XOAUTH2"};
  const LoginAnswer begun = world.begin({"XOAUTH2"});
  cr_assert(begun.kind == Kind::auth, "%s", begun.text.c_str());
  cr_expect(decode_base64(*begun.initial) == "user=user\x01"
                                             "auth=Bearer token\x01\x01");
}

Test(oracle, cleartext_auth_shows_the_password_without_tls) {
  World world("ses", TlsPolicy::off);
  world.scope.cleartext_auth = true;
  cr_expect(world.begin({"PLAIN"}, false).kind == Kind::auth);
}

Test(oracle, a_missing_credential_is_refused_and_named) {
  World world("nosuch");
  const LoginAnswer begun = world.begin({"PLAIN"});
  cr_expect(begun.kind == Kind::refused);
  cr_expect(begun.text.find("waypost credential add") != std::string::npos, "%s",
            begun.text.c_str());
}

Test(oracle, external_needs_no_credential) {
  World world("");
  world.scope.mechanisms = {"EXTERNAL"};
  world.scope.user.clear();
  const LoginAnswer begun = world.begin({"EXTERNAL"});
  cr_expect(begun.kind == Kind::auth && begun.initial == "");
}

Test(oracle, a_challenge_for_a_login_that_is_not_there_is_cancelled) {
  World world;
  cr_expect(world.challenge("x", 9).kind == Kind::cancel);
  cr_expect(world.accepted(9).kind == Kind::cancel);
}

Test(oracle, a_cancelled_login_is_over) {
  World world;
  cr_assert(world.begin({"CRAM-MD5"}).kind == Kind::auth);
  cr_expect(world.challenge("no brackets").kind == Kind::cancel);
  cr_expect(world.challenge("<1@b>").kind == Kind::cancel);
}

Test(oracle, accepted_too_early_is_cancelled) {
  World world;
  cr_assert(world.begin({"SCRAM-SHA-256"}).kind == Kind::auth);
  cr_expect(world.accepted().kind == Kind::cancel);
}

Test(oracle, serves_several_logins_at_once) {
  World world;
  cr_assert(world.begin({"LOGIN"}, true, 1).kind == Kind::auth);
  cr_assert(world.begin({"LOGIN"}, true, 2).kind == Kind::auth);
  cr_expect(world.challenge("Username:", 1).text == "dXNlcg==");
  cr_expect(world.challenge("Username:", 2).text == "dXNlcg==");
  cr_expect(world.challenge("Password:", 1).text == "cGVuY2ls");
  cr_expect(world.accepted(1).kind == Kind::proven);
  cr_expect(world.accepted(2).kind == Kind::cancel, "that one was not done");
}

Test(oracle, does_not_serve_more_logins_than_a_sender_may_have) {
  World world;
  for (std::uint64_t login = 1; login <= 64; ++login)
    cr_expect(world.begin({"LOGIN"}, true, login).kind == Kind::auth);
  cr_expect(world.begin({"LOGIN"}, true, 65).kind == Kind::refused);
  world.drop(3);
  cr_expect(world.begin({"LOGIN"}, true, 65).kind == Kind::auth);
}

Test(oracle, limits_how_often_logins_begin) {
  World world;
  int begun = 0;
  for (int i = 0; i < 500; ++i) {
    if (world.begin({"LOGIN"}).kind == Kind::auth) ++begun;
  }
  cr_expect_eq(begun, 200);
  world.clock.now += 50;
  cr_expect(world.begin({"LOGIN"}).kind == Kind::auth);
  cr_expect(world.begin({"LOGIN"}).kind == Kind::refused);
}

Test(oracle, derives_once_for_each_salt) {
  World world;
  for (int i = 0; i < 30; ++i)
    cr_expect(world.first_challenge("saltsalt").kind == Kind::response, "%d", i);
  const SealedCredential now = world.store().read("ses").value();
  cr_expect(world.vault().cache.find({now.sealed, Digest::sha256, "saltsalt", 4096}) != nullptr);
}

// Dovecot and Cyrus SASL do so where they keep the password itself.
Test(oracle, a_server_may_salt_each_login_anew) {
  World world;
  for (int i = 0; i < 150; ++i) {
    const LoginAnswer answer = world.first_challenge("saltsalt" + std::to_string(i));
    cr_assert(answer.kind == Kind::response, "%d: %s", i, answer.text.c_str());
  }
}

Test(oracle, limits_how_much_work_new_salts_are) {
  World world;
  for (std::uint64_t i = 1; i <= 8; ++i)
    world.ask_in_vain(world.salted("saltsalt" + std::to_string(i), "1000000", i));
  const LoginAnswer refused = world.ask(world.salted("saltsalt9", "1000000", 9));
  cr_expect(refused.kind == Kind::cancel && refused.text.find("too often") != std::string::npos);
  world.clock.now += 5000;
  world.ask_in_vain(world.salted("saltsalt9", "1000000", 9));
  cr_expect(world.ask(world.salted("saltsalt9", "4096", 10)).kind == Kind::cancel);
  world.clock.now += 50;
  cr_expect(world.first_challenge("saltsalt9", 10).kind == Kind::response);
  cr_expect(world.first_challenge("saltsalt9", 10).kind == Kind::response, "known: costs nothing");
}

Test(oracle, a_changed_password_is_used_at_once) {
  World world;
  cr_assert(world.first_challenge("saltsalt").kind == Kind::response);
  cr_assert(world.store().add("ses", SecretKind::password, 2, "another").has_value());
  const auto before = world.vault().cache.find(
      {world.store().read("ses").value().sealed, Digest::sha256, "saltsalt", 4096});
  cr_expect(before == nullptr);
  cr_expect(world.first_challenge("saltsalt").kind == Kind::response);
}

Test(pins, remember_salt_and_count_over_a_restart) {
  World world;
  cr_assert(world.first_challenge("saltsalt").kind == Kind::response);
  RealFs fs;
  const Pins again(fs, world.folder());
  const Pin* const pin = again.find("ses", "smtp.example", Digest::sha256);
  cr_assert(pin != nullptr);
  cr_expect((*pin == Pin{"saltsalt", 4096}));
  cr_expect(again.find("ses", "other.example", Digest::sha256) == nullptr);
  cr_expect(again.find("ses", "smtp.example", Digest::sha1) == nullptr);
}

Test(pins, a_change_replaces_what_was_remembered) {
  World world;
  cr_assert(world.first_challenge("saltsalt").kind == Kind::response);
  cr_assert(world.first_challenge("pepperpepper").kind == Kind::response);
  cr_expect(world.pins().find("ses", "smtp.example", Digest::sha256)->salt == "pepperpepper");
}

Test(filter, lines_are_records_with_tabs) {
  Record record;
  record.add("type", "response").add_number("login", 1).add("text", "YQ==");
  cr_expect(line_of(record) == "type=response\tlogin=1\ttext=YQ==\n");
  const auto read = record_of_line("type=response\tlogin=1\ttext=YQ==");
  cr_assert(read.has_value());
  cr_expect(read->encode() == record.encode());
  cr_expect(line_of(Record().add("text", "two\nlines\tand a tab")) == "text=two lines and a tab\n");
  cr_expect(!record_of_line(std::string_view("a=b\0c=d", 7)));
  cr_expect(!record_of_line("no field"));
}

Test(filter, answers_line_by_line) {
  World world;
  Filter filter(world.vault(), world.no_line());
  cr_expect(!filter.take("type=begin\tlogin=1\toffered=PLAIN"), "the scope comes first");
  Filter second(world.vault(), world.no_line());
  const auto nothing = second.take("type=scope\ttransport=a\thost=h\tport=25\tuser=user\t"
                                   "credential=ses\ttls=verified");
  cr_assert(nothing.has_value());
  cr_expect(nothing->empty());
  cr_expect(second.take("type=begin\tlogin=1\toffered=PLAIN\ttls=1").value() ==
            "type=auth\tlogin=1\tmechanism=PLAIN\tinitial=AHVzZXIAcGVuY2ls\n");
  cr_expect(second.take("type=accepted\tlogin=1").value() == "type=proven\tlogin=1\n");
  cr_expect(second.take("type=dropped\tlogin=1").value().empty());
  cr_expect(!second.take("type=nonsense\tlogin=1"));
}
