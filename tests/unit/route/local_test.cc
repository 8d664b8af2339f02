// Mail for this machine's own domains: aliases, users, root, and who is refused.
#include <filesystem>
#include <fstream>

#include "route/answer.h"
#include "tests/unit/route/sample_routes.h"

namespace waypost::route {
namespace {

Result<std::optional<PasswdEntry>> sample_user(std::string_view name) {
  if (name == "unread") return fail_errno("open /etc/passwd", EMFILE);
  if (name == "root") return PasswdEntry{"root", 0, {}, 0, "/root", {}};
  if (name == "daemon") return PasswdEntry{"daemon", 1, {}, 1, "/", {}};
  if (name == "nobody") return PasswdEntry{"nobody", 65534, {}, 65534, "/", {}};
  if (name == "alice" || name == "bob")
    return PasswdEntry{std::string(name), 1001, {}, 1001, "/home/x", {}};
  return std::nullopt;
}

class World {
public:
  explicit World(const std::string& aliases, const std::string& more = "") {
    char name[] = "/tmp/waypost-unit-XXXXXX";
    folder_ = ::mkdtemp(name);
    write("aliases", aliases);
    auto snapshot = configure("hostname = \"host.test\"\nlocal_domains = [\"here.test\", "
                              "\"localhost\", \"host.test\"]\nalias_file = \"" +
                                  folder_ + "/aliases\"\n" + more + kTransports,
                              "waypost.toml");
    const std::string why = snapshot ? "" : snapshot.error()[0].text;
    cr_assert(snapshot.has_value(), "%s", why.c_str());
    snapshot->settings.generation = 1;
    routes_ = Routes(std::move(*snapshot), sample_user);
  }
  ~World() { std::filesystem::remove_all(folder_); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
  }
  [[nodiscard]] const std::string& folder() const { return folder_; }

  [[nodiscard]] RouteAnswer ask(const std::string& local, const std::string& domain = "here.test",
                                bool expanded = false) const {
    RouteQuery one = query("a.test", domain);
    one.local = local;
    one.expanded = expanded;
    return answer(routes_, one);
  }

private:
  std::string folder_;
  Routes routes_;
};

// "mbox alice", "direct x.test to b@x.test", "refused 5.1.1", "waits", "becomes a, b"
std::string in_short(const RouteAnswer& answer) {
  if (!answer.wait.empty()) return "waits";
  if (answer.ask_local) return "asks";
  if (answer.type == "fail") return "refused " + answer.text.substr(0, 5);
  if (!answer.members.empty()) {
    std::string all = "becomes";
    for (const std::string& one : answer.members)
      all += " " + one;
    return all;
  }
  std::string text = answer.type + " " + answer.destination;
  if (!answer.to.empty()) text += " to " + answer.to;
  return text;
}

void expect(const World& world, const std::string& local, const std::string& wanted) {
  const std::string got = in_short(world.ask(local));
  cr_expect(got == wanted.c_str(), "%s", local.c_str());
}

} // namespace

Test(local, domain_of_this_machine_asks_for_the_local_part_and_others_do_not) {
  const World world("");
  for (const char* domain : {"here.test", "HERE.test.", "localhost", ""})
    cr_expect(world.ask("", domain).ask_local, "%s", domain);
  cr_expect(in_short(world.ask("", "x.test")) == "direct x.test");
  cr_expect(in_short(world.ask("alice", "sub.here.test")) == "direct sub.here.test");
}

Test(local, users_have_mailboxes_and_others_are_told_why_not) {
  const World world("");
  expect(world, "alice", "mbox alice");
  expect(world, "ALICE", "mbox alice");
  expect(world, "alice+lists", "mbox alice");
  expect(world, "root", "mbox root");
  expect(world, "postmaster", "mbox root");
  expect(world, "nosuch", "refused 5.1.1");
  expect(world, "nosuch+alice", "refused 5.1.1");
  expect(world, "daemon", "refused 5.1.1");
  expect(world, "nobody", "refused 5.1.1");
  expect(world, "../alice", "refused 5.1.1");
  const std::string why = world.ask("nosuch").text;
  for (const char* choice : {"make the user", "alias", "local_domains"})
    cr_expect(why.find(choice) != std::string::npos, "%s", why.c_str());
  cr_expect(world.ask("nosuch").klass == FailureClass::mailbox);
}

Test(local, nobody_is_unknown_because_the_users_cannot_be_read) {
  const World world("team: unread, alice\nother: unread\n");
  for (const char* name : {"unread", "UNREAD", "unread+x", "other"})
    expect(world, name, "waits");
  expect(world, "team", "becomes unread@here.test alice@here.test");
  cr_expect(in_short(world.ask("unread", "here.test", true)) == "waits");
  cr_expect(world.ask("unread").wait.contains("looked up"));
}

Test(local, aliases_lead_on) {
  const World world("root: Alice\npostmaster: root\nAway: b@X.test\nteam: alice, b@x.test, Bob\n"
                    "all: team, bob, root, b@x.test\nalice: \\alice, copy@y.test\n"
                    "bob: bob\nwork+x: z@x.test\nwork: y@x.test\nhash: \"|/bin/cat x\"\n"
                    "log: /var/log/x\nhome: bob@here.test\n");
  expect(world, "away", "direct x.test to b@X.test");
  expect(world, "bob", "mbox bob to bob@here.test");
  expect(world, "home", "mbox bob to bob@here.test");
  expect(world, "alice", "becomes alice@here.test copy@y.test");
  expect(world, "root", "becomes alice@here.test copy@y.test");
  expect(world, "team", "becomes alice@here.test copy@y.test b@x.test bob@here.test");
  expect(world, "all", "becomes alice@here.test copy@y.test b@x.test bob@here.test");
  expect(world, "work", "direct x.test to y@x.test");
  expect(world, "work+x", "direct x.test to z@x.test");
  expect(world, "work+y", "direct x.test to y@x.test");
  expect(world, "hash", "aliases aliases to \"|/bin/cat x\"@here.test");
  expect(world, "log", "aliases aliases to \"/var/log/x\"@here.test");
  cr_expect(world.ask("away").rule == "aliases:3, default");
  cr_expect(world.ask("team").rule == "aliases:4");
  cr_expect(in_short(world.ask("alice", "here.test", true)) == "mbox alice",
            "what came out of an alias is not looked up again");
}

Test(local, alias_with_an_owner_becomes_a_message_of_the_owner_s) {
  const World world("list: alice, b@x.test\nOwner-List: bob\none: b@x.test\nowner-one: bob\n"
                    "all: list\n\"odd name\": a, b\n\"owner-odd name\": bob\n");
  expect(world, "list", "becomes alice@here.test b@x.test");
  cr_expect(world.ask("list").sender == "owner-list@here.test");
  cr_expect(world.ask("LIST+x").sender == "owner-list@here.test");
  expect(world, "one", "becomes b@x.test");
  cr_expect(world.ask("one").sender == "owner-one@here.test");
  cr_expect(world.ask("all").sender.empty(), "the first alias's owner counts");
  cr_expect(world.ask("\"odd name\"").sender == "\"owner-odd name\"@here.test");
  expect(world, "owner-list", "mbox bob to bob@here.test");
}

Test(local, loops_bounce_and_mistakes_wait) {
  const World world("a: b\nb: c, x@y.test\nc: a\nbad: |x\nto_bad: bad\nempty: :include:/dev/null\n"
                    "gone: :include:/opt/no/such/file\n");
  for (const char* name : {"a", "b", "c"})
    expect(world, name, "refused 5.4.6");
  cr_expect(world.ask("a").text.find("a -> b -> c -> a") != std::string::npos, "%s",
            world.ask("a").text.c_str());
  for (const char* name : {"bad", "to_bad", "empty", "gone"})
    expect(world, name, "waits");
  cr_expect(world.ask("to_bad").wait.find("line 4") != std::string::npos, "%s",
            world.ask("to_bad").wait.c_str());
}

Test(local, included_list_is_read_each_time_and_runs_nothing) {
  World world("");
  world.write("aliases", "list: :include:" + world.folder() + "/list\n");
  world.write("list", "alice\nb@x.test, bob # twice\nbob\n");
  expect(world, "list", "becomes alice@here.test b@x.test bob@here.test");
  world.write("list", "b@x.test\n");
  expect(world, "list", "direct x.test to b@x.test");
  for (const char* bad :
       {"|/bin/sh\n", "/etc/passwd\n", "\"|/bin/sh\"@here.test\n", "\"/etc/passwd\"\n"}) {
    world.write("list", bad);
    expect(world, "list", "waits");
  }
  world.write("list", "list\n"); // the user of that name, who does not exist
  expect(world, "list", "refused 5.1.1");
  world.write("list", ":include:" + world.folder() + "/list\n");
  expect(world, "list", "refused 5.4.6");
}

// 2^49 ways lead through them.
Test(local, many_ways_to_the_same_lists_and_aliases_are_gone_once) {
  std::string aliases = "list: :include:LISTS/0\nmany: a0\na48: alice, b@x.test\n";
  for (int i = 0; i < 48; ++i) {
    const std::string next = "a" + std::to_string(i + 1);
    aliases += "a" + std::to_string(i) + ": " + next + ", " + next + "+x\n";
  }
  World world("");
  aliases.replace(aliases.find("LISTS"), 5, world.folder());
  world.write("aliases", aliases);
  for (int i = 0; i < 48; ++i) {
    const std::string next = ":include:" + world.folder() + "/" + std::to_string(i + 1);
    world.write(std::to_string(i), next + "\n" + next + "\n");
  }
  world.write("48", "bob, b@x.test\n");
  expect(world, "many", "becomes alice@here.test b@x.test");
  expect(world, "list", "becomes bob@here.test b@x.test");
}

Test(local, lists_without_end_are_not_read) {
  World world("");
  world.write("aliases", "list: :include:" + world.folder() + "/list\n");
  // Each line is another name of the same empty list.
  std::string lists;
  std::string slashes = "/";
  for (int i = 0; i < 1100; ++i, slashes += '/')
    lists += ":include:" + world.folder() + slashes + "long\n";
  world.write("list", lists);
  world.write("long", std::string(100'000, '#'));
  expect(world, "list", "waits");
  cr_expect(world.ask("list").wait.contains("than are read for one alias"));
}

Test(local, edited_file_holds_at_once) {
  World world("one: a@x.test\n");
  expect(world, "one", "direct x.test to a@x.test");
  world.write("aliases", "one: b@x.test\n");
  expect(world, "one", "direct x.test to b@x.test");
  std::filesystem::remove(world.folder() + "/aliases");
  expect(world, "one", "refused 5.1.1");
}

Test(local, nobody_reaches_a_command_that_the_file_does_not_name) {
  World world("hash: \"|/bin/cat x\"\n");
  expect(world, "\"|/bin/cat x\"", "aliases aliases");
  for (const char* other : {"\"|/bin/cat\"", "\"|/bin/sh -c x\"", "/etc/passwd", "|/bin/cat"})
    expect(world, other, "refused 5.1.1");
  world.write("aliases", "hash: alice\n");
  expect(world, "\"|/bin/cat x\"", "refused 5.1.1");
}

Test(local, root_has_an_address_before_a_mailbox) {
  const std::string to = "root_to = \"admin@x.test\"\n";
  expect(World("", to), "root", "direct x.test to admin@x.test");
  expect(World("", to), "postmaster", "direct x.test to admin@x.test");
  expect(World("root: alice\n", to), "root", "mbox alice to alice@here.test");
  expect(World("", "root_to = \"alice@here.test\"\n"), "root", "mbox alice to alice@here.test");
  expect(World("", "root_to = \"root@here.test\"\n"), "root", "mbox root");
}

Test(local, root_to_and_postmaster_hold_within_aliases_too) {
  const std::string aliases =
      "all: root, alice\ntwice: all, postmaster, root\nwebmaster: postmaster\n"
      "own: \\root, alice\n";
  const World away(aliases, "root_to = \"admin@x.test\"\n");
  expect(away, "all", "becomes admin@x.test alice@here.test");
  expect(away, "twice", "becomes admin@x.test alice@here.test");
  expect(away, "webmaster", "direct x.test to admin@x.test");
  expect(away, "own", "becomes root@here.test alice@here.test");
  const World here(aliases);
  expect(here, "twice", "becomes root@here.test alice@here.test");
  expect(here, "webmaster", "mbox root to root@here.test");
  expect(World("all: root, alice\n", "root_to = \"root@here.test\"\n"), "all",
         "becomes root@here.test alice@here.test");
}

Test(local, root_to_may_be_an_alias) {
  const std::string to = "root_to = \"admins@here.test\"\n";
  expect(World("admins: alice, b@x.test\n", to), "root", "becomes alice@here.test b@x.test");
  expect(World("admins: b@x.test\n", to), "postmaster", "direct x.test to b@x.test");
  expect(World("all: root, bob\nadmins: alice, b@x.test\n", to), "all",
         "becomes alice@here.test b@x.test bob@here.test");
  expect(World("admins: \\root\n", to), "root", "mbox root to root@here.test");
  const World loop("admins: root\n", to);
  for (const char* const name : {"root", "admins"})
    expect(loop, name, "refused 5.4.6");
}

Test(local, rule_for_all_mail_leaves_it_here_and_one_for_the_domain_takes_it) {
  const std::string all = "[[route]]\ntransport = \"relay\"\n";
  const std::string domain = "[[route]]\nto = [\"here.test\"]\ntransport = \"relay\"\n";
  expect(World("", all), "alice", "mbox alice");
  expect(World("", domain), "alice", "smtp smtp.isp.example:25");
  expect(World("away: b@x.test\n", all), "away", "smtp smtp.isp.example:25 to b@x.test");
}

Test(local, local_transport_that_names_its_user_takes_any_name) {
  const std::string boxes = "[transport.boxes]\ntype = \"maildir\"\npath = \"/srv/mail\"\n"
                            "user = \"vmail\"\n[[route]]\nto = [\"here.test\", \"v.test\"]\n"
                            "transport = \"boxes\"\n";
  const World world("", boxes);
  expect(world, "Anybody+x", "maildir anybody");
  expect(world, "../x", "refused 5.1.1");
  expect(world, ".hidden", "refused 5.1.1");
  cr_expect(world.ask("", "v.test").ask_local, "a rule's local transport needs the name too");
  cr_expect(in_short(world.ask("x", "v.test")) == "maildir x");
}

Test(local, alias_may_lead_to_a_domain_that_a_rule_keeps_on_this_machine) {
  const std::string more = "[transport.boxes]\ntype = \"maildir\"\npath = \"/srv/mail\"\n"
                           "user = \"vmail\"\n[transport.homes]\ntype = \"maildir\"\n"
                           "[[route]]\nto = [\"v.test\"]\ntransport = \"boxes\"\n"
                           "[[route]]\nto = [\"w.test\"]\ntransport = \"homes\"\n";
  const World world("one: Joe+x@v.test\ntwo: alice@w.test\nnone: nosuch@w.test\n",
                    "root_to = \"joe@v.test\"\n" + more);
  expect(world, "one", "maildir joe to Joe+x@v.test");
  expect(world, "two", "maildir alice to alice@w.test");
  expect(world, "none", "refused 5.1.1");
  expect(world, "root", "maildir joe to joe@v.test");
  // Likewise one of the machine's own domains, that has a transport by a rule.
  const std::string own = "[transport.boxes]\ntype = \"maildir\"\npath = \"/srv/mail\"\n"
                          "user = \"vmail\"\n[[route]]\nto = [\"here.test\"]\n"
                          "transport = \"boxes\"\n";
  const World mixed(
      "one: Joe@HERE.test\nboth: joe@here.test, alice, alice@localhost\nloop: loop@here.test\n",
      "root_to = \"joe@here.test\"\n" + own);
  const auto at_host = [&](const char* local) { return in_short(mixed.ask(local, "host.test")); };
  cr_expect(at_host("one") == "maildir joe to Joe@here.test", "%s", at_host("one").c_str());
  cr_expect(at_host("root") == "maildir joe to joe@here.test", "%s", at_host("root").c_str());
  cr_expect(at_host("both") == "becomes joe@here.test alice@host.test", "%s",
            at_host("both").c_str());
  cr_expect(at_host("alice") == "mbox alice");
}

} // namespace waypost::route
