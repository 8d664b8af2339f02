// What the oracle must wait for: a token that a command prints, a key that takes long to derive.

#include <criterion/criterion.h>

#include "tests/unit/sasl/oracle_world.h"

using namespace waypost;
using namespace waypost::test;
using Kind = LoginAnswer::Kind;

namespace {

LoginQuery begins(std::uint64_t login) {
  LoginQuery asked;
  asked.login = login;
  asked.offered = {"XOAUTH2"};
  asked.tls = true;
  return asked;
}

LoginQuery refused(std::uint64_t login) {
  LoginQuery asked;
  asked.kind = LoginQuery::Kind::refused;
  asked.login = login;
  return asked;
}

// A world whose credential is a token command.
struct Minted : World {
  Minted() : World("minted") { scope.mechanisms = {"XOAUTH2"}; }

  // The token that a login shows, which must need no command.
  std::string shown(std::uint64_t login) { return token_in(ask(begins(login))); }
  // The same where the command runs first, and prints that.
  std::string printed(std::uint64_t login, std::string_view output) {
    const std::size_t before = runner.runs.size();
    ask_in_vain(begins(login));
    cr_assert_eq(runner.runs.size(), before + 1);
    vault().tokens.take(runner.runs.back().number, true, output);
    return token_in(retried());
  }
  static std::string token_in(const LoginAnswer& answer) {
    if (answer.kind != Kind::auth) return "none: " + answer.text;
    const std::string message = *decode_base64(answer.initial.value_or(""));
    const std::size_t at = message.find("Bearer ") + 7;
    return message.substr(at, message.find('\x01', at) - at);
  }
  Kind refuse(std::uint64_t login) { return ask(refused(login)).kind; }
};

} // namespace

Test(token_command_login, runs_what_the_credential_names_once_for_all_who_wait) {
  Minted world;
  world.ask_in_vain(begins(1));
  world.ask_in_vain(begins(2));
  cr_assert_eq(world.runner.runs.size(), 1U);
  const TokenRun run = world.runner.runs.front();
  cr_expect(run.credential == "minted");
  cr_expect((run.words == std::vector<std::string>{"/bin/mint", "--for", "me"}));
  cr_expect(world.oracle().retry().empty(), "nothing is done yet");
  world.vault().tokens.take(run.number, true, "first\n");
  cr_expect_eq(world.oracle().retry().size(), 2U);
  cr_expect(!world.oracle().waits());
}

Test(token_command_login, a_token_is_kept_until_a_little_before_it_expires) {
  Minted world;
  cr_expect(world.printed(1, "first\nexpires_in=3600") == "first");
  world.clock.now += 3'539'000;
  cr_expect(world.shown(2) == "first");
  world.clock.now += 1'000;
  cr_expect(world.printed(3, "second\nexpires_in=20") == "second");
  world.clock.now += 17'999;
  cr_expect(world.shown(4) == "second", "of a short life a tenth is left off");
  world.clock.now += 1;
  cr_expect(world.printed(5, "third") == "third");
  world.clock.now += 269'999;
  cr_expect(world.shown(6) == "third", "five minutes where nothing is said");
  world.clock.now += 1;
  cr_expect(world.printed(7, "fourth\nexpires_in=0") == "fourth", "for whom it was made");
  cr_expect(world.printed(8, "fifth\nexpires_in=9999999999999") == "fifth");
  world.clock.now += 86'400'000;
  cr_expect(world.printed(9, "sixth") == "sixth", "a day at most");
}

Test(token_command_login, a_refused_token_is_fetched_anew_once) {
  Minted world;
  cr_expect(world.printed(1, "first\nexpires_in=3600") == "first");
  cr_expect(world.refuse(1) == Kind::refused, "it was fetched for this login");
  cr_expect(world.printed(2, "second\nexpires_in=3600") == "second", "but is not shown again");
  cr_expect(world.shown(3) == "second");
  cr_expect(world.shown(4) == "second");
  cr_expect(world.refuse(3) == Kind::again);
  cr_expect(world.printed(3, "third") == "third");
  cr_expect(world.refuse(4) == Kind::again, "another has fetched a newer one");
  cr_expect(world.shown(4) == "third");
  cr_expect(world.refuse(3) == Kind::refused);
  cr_expect(world.refuse(3) == Kind::refused, "that login is over");
}

Test(token_command_login, a_password_that_is_refused_is_not_shown_again) {
  World world;
  cr_assert(world.begin({"PLAIN"}).kind == Kind::auth);
  cr_expect(world.ask(refused(1)).kind == Kind::refused);
}

Test(token_command_login, a_failing_command_is_told_to_who_waited_and_then_tried_again) {
  Minted world;
  world.ask_in_vain(begins(1));
  world.ask_in_vain(begins(2));
  world.vault().tokens.take(1, false, "exit status 1");
  for (const LoginAnswer& answer : world.oracle().retry()) {
    cr_expect(answer.kind == Kind::refused);
    cr_expect(answer.text == "the token command of credential minted: exit status 1", "%s",
              answer.text.c_str());
  }
  cr_expect(!world.oracle().waits());
  cr_expect(
      world.printed(3, "no token at all") ==
      "none: the token command of credential minted: it printed no bearer token (RFC 6750 2.1)");
  cr_expect(world.printed(4, "good") == "good");
}

Test(token_command_login, commands_do_not_run_without_end) {
  Minted world;
  for (std::uint64_t login = 1; login <= 5; ++login)
    cr_expect(world.printed(login, "x\nexpires_in=0") == "x");
  cr_expect(world.shown(6).find("too often") != std::string::npos);
  world.clock.now += 10'000;
  cr_expect(world.printed(7, "x") == "x");
}

Test(token_command_login, who_has_left_is_not_answered) {
  Minted world;
  world.ask_in_vain(begins(1));
  world.drop(1);
  cr_expect(!world.oracle().waits());
  world.vault().tokens.take(1, true, "late");
  cr_expect(world.oracle().retry().empty());
  cr_expect(world.shown(2) == "late", "what was fetched is kept");
}

Test(token_command_login, another_command_under_the_same_name_is_used_at_once) {
  Minted world;
  cr_expect(world.printed(1, "first") == "first");
  const std::string words[] = {"/bin/other"};
  cr_assert(world.store().add("minted", SecretKind::token_command, 2, *join_command_words(words)));
  cr_expect(world.printed(2, "second") == "second");
  cr_expect(world.runner.runs.back().words == std::vector<std::string>{"/bin/other"});
}

Test(derivations, many_rounds_keep_nobody_waiting) {
  World world;
  const auto first_challenge = [&](std::uint64_t login, const char* rounds) {
    return world.salted("saltsalt", rounds, login);
  };
  world.ask_in_vain(first_challenge(1, "45000"));
  cr_expect(world.ask(first_challenge(2, "4096")).kind == Kind::response, "at once");
  cr_expect(world.begin({"PLAIN"}, true, 3).kind == Kind::auth);
  int slices = 1;
  while (!world.vault().derivations.step())
    ++slices;
  cr_expect_eq(slices, 4, "the first was done at once, as one of five");
  cr_expect(world.retried().kind == Kind::response);
  cr_expect(world.vault().derivations.idle() && !world.oracle().waits());
  cr_expect(world.ask(first_challenge(4, "45000")).kind == Kind::response, "and is kept");
}
