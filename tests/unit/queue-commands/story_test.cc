#include "queue/commands/story.h"

#include <array>
#include <criterion/criterion.h>

#include "answers.h"

using namespace waypost;
using namespace waypost::queue;
using testing::attempt;
using testing::has;
using testing::kArrived;

namespace {

Record plan(const std::string& rcpt, const std::string& transport = "") {
  Record record;
  record.add("type", "plan").add("rcpt", rcpt).add_number("when", kArrived + 600'000'000);
  record.add("attempt", "3").add_some("transport", transport);
  return record;
}

void tell(Story& story, const std::vector<Record>& answers) {
  for (const Record& answer : answers) {
    const auto taken = story.take(answer);
    cr_assert(taken.has_value(), "%s", taken ? "" : taken.error().text.c_str());
  }
  story.end();
}

std::vector<std::string> json(const Story& story) {
  std::vector<std::string> lines;
  story.json([&](const std::string& line) { lines.push_back(line); });
  return lines;
}

} // namespace

Test(story, reads_from_arrival_to_what_comes_next) {
  Story story;
  tell(story, {testing::message(), testing::history(attempt()), plan("0", "relay")});
  const std::string expected =
      "0123456789abcdef from alice@example.org\n"
      "    arrived 2023-11-14T22:13:20Z from account alice, 1234 bytes, 1 recipient\n"
      "2023-11-14T22:13:21Z  attempt 1 by direct (no rule matched)\n"
      "    mx2.example.net [192.0.2.26]: connection refused\n"
      "    mx.example.net [192.0.2.25], TLSv1.3 unverified\n"
      "    user0@example.net: deferred, greylisted - they want us to come back later\n"
      "        451 4.7.1 later\n"
      "        please\n"
      "Now\n"
      "    user0@example.net: waits, greylisted\n"
      "        Their server puts off senders that it does not know yet, and asks them to come "
      "back.\n"
      "        Who must act? Nobody has to act: waypost comes back.\n"
      "What comes next\n"
      "    user0@example.net: attempt 3 at 2023-11-14T22:23:20Z (in 10m), by relay\n"
      "What would change it\n"
      "    waypost kick 0123456789abcdef                    try it now\n"
      "    waypost hold 0123456789abcdef                    keep it where it is\n"
      "    waypost bounce 0123456789abcdef                  give up: its sender gets a notice\n"
      "    waypost drop 0123456789abcdef                    delete it, and nobody is told\n";
  const std::string got = story.text(kArrived);
  cr_expect(got == expected, "%s", got.c_str());
}

Test(story, tells_where_later_attempts_go_and_when_it_is_over) {
  Story story;
  Record outlook;
  outlook.add("type", "outlook").add_number("expires", kArrived + 86'400'000'000);
  outlook.add_number("delay", kArrived + 14'400'000'000).add("hand", "relay");
  for (const char* name : {"direct", "relay", "ses"})
    outlook.add("transport", name);
  const auto later = [](const char* attempt, const char* transport, const char* rule) {
    Record record;
    record.add("type", "later").add("rcpt", "0").add("attempt", attempt);
    record.add_number("when", kArrived + 7'200'000'000);
    return record.add("transport", transport).add("rule", rule);
  };
  tell(story, {testing::message(), outlook, plan("0", "relay"), later("4", "relay", ""),
               later("5", "ses", "waypost.toml:41"), later("6", "ses", "waypost.toml:41")});
  const std::string got = story.text(kArrived);
  for (const char* line :
       {"        from attempt 5 on, 2023-11-15T00:13:20Z (in 2h) at the earliest, by ses "
        "(waypost.toml:41)\n",
        "    the sender is told of the delay at 2023-11-15T02:13:20Z (in "
        "4h)\n",
        "    what is deferred after 2023-11-15T22:13:20Z (in 24h) goes back to the sender\n",
        "--transport NAME   and by another way: direct, ses\n", "--routes",
        "let the routes choose again\n"})
    cr_expect(has(got, line), "%s in %s", line, got.c_str());
  cr_expect(!has(got, "from attempt 4") && !has(got, "from attempt 6"), "%s", got.c_str());
  cr_expect(has(story.text(kArrived + 90'000'000'000), "it is too old"));
}

Test(story, knows_what_every_class_means_and_who_must_act) {
  for (const char* klass : {"blocked", "greylisted", "rate", "auth", "tls", "unreachable", "dns",
                            "mailbox", "content", "other"}) {
    Record message;
    message.add("type", "message").add("id", "0123456789abcdef").add("arrived", "1");
    message.add("size", "1").add("uid", "1").add("rcpt", "0").add("to", "x@example.net");
    Story story;
    tell(story, {message.add("state", "pending").add("attempts", "1").add("class", klass)});
    const std::string got = story.text(kArrived);
    cr_expect(has(got, ": waits, " + std::string(klass)) && has(got, "Who must act? "), "%s",
              got.c_str());
  }
}

Test(story, json_has_an_object_for_each_recipient_of_an_entry) {
  Story story;
  HistoryEntry two = attempt();
  two.transaction.groups[0].recipients.add(1);
  tell(story, {testing::message(0, 2), testing::history(two)});
  const auto lines = json(story);
  cr_assert(lines.size() == 2);
  const std::string expected =
      R"({"time":"2023-11-14T22:13:21Z","kind":"attempt","recipient":"user1@example.net",)"
      R"("attempt":1,"transport":"direct","rule":"default","host":"mx.example.net",)"
      R"("address":"192.0.2.25","tls":"TLSv1.3 unverified","outcome":"deferred","code":451,)"
      R"("enhanced":"4.7.1","reply":"4.7.1 later\nplease","class":"greylisted","tried":true,)"
      R"("steps":["mx2.example.net [192.0.2.26]: connection refused"]})";
  cr_expect(lines[1] == expected, "%s", lines[1].c_str());
}

Test(story, json_of_a_decision_has_null_where_nothing_is_known) {
  Story story;
  HistoryEntry hold;
  hold.kind = HistoryKind::hold;
  hold.time = kArrived;
  hold.by = "uid 0";
  tell(story, {testing::message(), testing::history(hold)});
  const std::string expected =
      R"({"time":"2023-11-14T22:13:20Z","kind":"hold","recipient":null,"attempt":null,)"
      R"("transport":null,"rule":null,"host":null,"address":null,"tls":null,"outcome":null,)"
      R"("code":null,"enhanced":null,"reply":null,"class":null,"by":"uid 0"})";
  cr_assert(json(story).size() == 1);
  cr_expect(json(story)[0] == expected, "%s", json(story)[0].c_str());
}

Test(story, has_words_for_every_kind_of_entry) {
  const struct {
    HistoryKind kind;
    const char* words;
  } rows[] = {
      {HistoryKind::hold, "held by uid 0"},
      {HistoryKind::release, "released by uid 0"},
      {HistoryKind::hand, "transport set to relay by uid 0"},
      {HistoryKind::requeue, "begin anew by uid 0"},
      {HistoryKind::notice, "told the sender: notice 0123456789abcdef.b1"},
      {HistoryKind::overlay, "header as it was handed in"},
      {HistoryKind::bounce, "failed by uid 0"},
  };
  for (const auto& row : rows) {
    HistoryEntry entry;
    entry.kind = row.kind;
    entry.by = "uid 0";
    entry.transport = row.kind == HistoryKind::hand ? "relay" : "";
    entry.name = "0123456789abcdef.b1";
    Story story;
    tell(story, {testing::message(), testing::history(entry)});
    cr_expect(has(story.text(kArrived), row.words), "%s", story.text(kArrived).c_str());
  }
}

Test(story, plans_that_agree_are_one_line) {
  Story story;
  tell(story, {testing::message(0, 5), plan("0"), plan("1"), plan("2-3"), plan("4", "relay")});
  const std::string got = story.text(kArrived);
  cr_expect(has(got, "user0@example.net, user1@example.net, user2@example.net and 1 more: attempt"),
            "%s", got.c_str());
  cr_expect(has(got, "user4@example.net: attempt"), "%s", got.c_str());
}

Test(story, says_of_what_is_due_no_time_that_has_passed) {
  Story story;
  tell(story, {testing::message(), plan("0", "relay")});
  const std::string before = story.text(kArrived);
  cr_expect(before.contains(" at ") && before.contains("(in 10m)"), "%s", before.c_str());
  const std::string due = story.text(kArrived + 600'000'000);
  cr_expect(due.contains("attempt 3, due or under way, by relay"), "%s", due.c_str());
}

Test(story, says_why_nothing_is_tried) {
  Record held;
  held.add("type", "plan").add("rcpt", "0").add("attempt", "1").add("wait", "held");
  Story story;
  tell(story, {testing::message(), held});
  cr_expect(has(story.text(0), "held, until somebody releases it"));
  cr_expect(has(story.text(0), "Nothing was tried yet."));
}

Test(story, a_known_failure_was_not_tried) {
  HistoryEntry entry = attempt();
  entry.transaction.groups[0].outcome.tried = false;
  Story story;
  tell(story, {testing::message(), testing::history(entry)});
  cr_expect(has(story.text(0), "        not tried: 451 4.7.1 later\n"), "%s",
            story.text(0).c_str());
}

Test(story, trouble_of_our_own_is_for_our_administrator) {
  for (const bool ours : {true, false}) {
    HistoryEntry entry = attempt();
    Outcome& outcome = entry.transaction.groups[0].outcome;
    outcome.klass = FailureClass::unreachable;
    outcome.code = 0;
    outcome.status = ours ? EnhancedCode{4, 3, 0} : EnhancedCode{4, 4, 1};
    Story story;
    Record message;
    message.add("type", "message").add("id", "0123456789abcdef").add("arrived", "1");
    message.add("size", "1").add("uid", "1").add("rcpt", "0").add("to", "x@example.net");
    message.add("state", "pending").add("attempts", "1").add("class", "unreachable");
    tell(story, {message, testing::history(entry)});
    const std::string got = story.text(kArrived);
    cr_expect(has(got, "Who must act? The administrator of this host: the last") == ours, "%s",
              got.c_str());
    cr_expect(has(got, "Their server could not be reached") != ours, "%s", got.c_str());
  }
}

Test(story, tells_a_refused_login_from_one_that_did_not_come_about_and_from_a_refused_sender) {
  const struct {
    int code;
    const char* sentence;
    const char* who;
  } rows[] = {
      {535, "our login was refused", "of this host: `user` and `credential`"},
      {0, "we could not log in", "of this host: the last attempt says what."},
      {550, "they do not let us send this", "waypost spfcheck looks at the domain"},
  };
  for (const auto& row : rows) {
    HistoryEntry entry = attempt();
    Outcome& outcome = entry.transaction.groups[0].outcome;
    outcome.klass = FailureClass::auth;
    outcome.code = row.code;
    outcome.status = EnhancedCode{4, 7, 0};
    Story story;
    Record message;
    message.add("type", "message").add("id", "0123456789abcdef").add("arrived", "1");
    message.add("size", "1").add("uid", "1").add("rcpt", "0").add("to", "x@example.net");
    message.add("state", "pending").add("attempts", "1").add("class", "auth");
    tell(story, {message, testing::history(entry)});
    const std::string got = story.text(kArrived);
    cr_expect(has(got, std::string("auth - ") + row.sentence + "\n"), "%s", got.c_str());
    cr_expect(has(got, row.who), "%s", got.c_str());
  }
}

Test(story, remote_text_cannot_forge_lines) {
  HistoryEntry entry = attempt();
  entry.transaction.host = "mx\nNow";
  entry.transaction.steps = {"a\nNow"};
  entry.transaction.groups[0].outcome.reply = "x\x1b[2J\nNow\r";
  Story story;
  tell(story, {testing::message(), testing::history(entry)});
  const std::string got = story.text(0);
  cr_expect(!has(got, "\x1b") && !has(got, "\r"), "%s", got.c_str());
  const std::size_t first = got.find("\nNow");
  cr_expect(got.find("\nNow", first + 1) == std::string::npos, "%s", got.c_str());
}

Test(story, refuses_recipients_out_of_all_bounds) {
  Story story;
  cr_assert(story.take(testing::message()).has_value());
  for (const char* rcpt : {"", "x", "0-4000000000"})
    cr_expect(!story.take(plan(rcpt)).has_value(), "%s", rcpt);
  HistoryEntry entry = attempt();
  entry.transaction.groups[0].recipients.add(4'000'000'000U);
  cr_expect(!story.take(testing::history(entry)).has_value());
}

Test(story, recipients_beyond_the_message_are_left_out_of_json) {
  HistoryEntry entry = attempt();
  entry.transaction.groups[0].recipients = *Ranges::parse("0-999999");
  Story story;
  tell(story, {testing::message(), testing::history(entry)});
  cr_expect(json(story).size() == 1);
}

Test(story, says_what_an_overlay_changed) {
  struct Row {
    Overlay::Part part;
    std::uint64_t skip;
    const char* bytes;
    const char* words;
  };
  using enum Overlay::Part;
  for (const Row& row : std::to_array<Row>({
           {sender, 0, "me@home.test", "leaves as from me@home.test"},
           {sender, 0, "", "leaves as from whom it was handed in"},
           {headers, 9, "Received: x\r\nFROM :\r\n Cron <me@home.test>\r\nTo: y\r\n",
            "header rewritten, FROM : Cron <me@home.test>"},
           {headers, 9, "Reply-To: me@home.test\r\n", "header rewritten"},
           {headers, 0, "", "header as it was handed in"},
           {signature, 0,
            "DKIM-Signature: v=1; a=rsa-sha256; d=home.test;\r\n\ts=rsa; b=AA==\r\n"
            "DKIM-Signature: v=1; a=ed25519-sha256; d=home.test; s=ed; b=\r\n",
            "signed for home.test with rsa, ed"},
           {signature, 0, "DKIM-Signature: v=1\r\n", "signature made"},
           {signature, 0, "DKIM-Signature: d=\x1b[1m; s=\x7f\r\n",
            "signed for \\x1b[1m with \\x7f"},
       })) {
    HistoryEntry entry;
    entry.kind = HistoryKind::overlay;
    entry.time = kArrived;
    entry.overlay = {row.part, row.skip, row.bytes};
    Story story;
    tell(story, {testing::message(), testing::history(entry)});
    const std::string text = story.text(kArrived);
    cr_expect(has(text, std::string("Z  ") + row.words + "\n"), "%s: %s", row.words, text.c_str());
    const std::vector<std::string> lines = json(story);
    cr_assert_eq(lines.size(), 1U);
    cr_expect(has(lines[0], R"("kind":"overlay")") && has(lines[0], R"("part":")"), "%s",
              lines[0].c_str());
  }
}
