#include <criterion/criterion.h>
#include <map>

#include "route/configuration.h"
#include "route/import_text.h"
#include "route/main_cf.h"

using namespace waypost;
using namespace waypost::route;

namespace {

constexpr const char* kSecret = "hunter2";

using Files = std::map<std::string, std::string>;

ReadFile reader(const Files& files) {
  return [files](const std::string& path) -> Result<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return fail_errno("open " + path, ENOENT);
    return found->second;
  };
}

// The text, which passes the check, without a secret.
std::string text_of(const ImportDraft& draft) {
  const Result<std::string> made = import_text(draft, "a test");
  cr_assert(made.has_value());
  const std::string& text = *made;
  const auto good = configure(text, "waypost.toml");
  cr_assert(good.has_value(), "%s\n%s", text.c_str(),
            good ? "" : good.error().front().text.c_str());
  cr_expect(text.find(kSecret) == std::string::npos, "%s", text.c_str());
  return text;
}

Snapshot snapshot_of(const ImportDraft& draft) {
  return *configure(text_of(draft), "waypost.toml");
}

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

constexpr const char* kMsmtp = "defaults\n"
                               "tls on\n"
                               "logfile ~/.msmtp.log\n"
                               "account work\n"
                               "host smtp.work.example\n"
                               "port 587\n"
                               "auth on\n"
                               "user \"me@work.example\"\n"
                               "password hunter2\n"
                               "from me@work.example\n"
                               "account home\n"
                               "host mail.home.example\n"
                               "tls_starttls off\n"
                               "port 465\n"
                               "auth scram-sha-256\n"
                               "user me\n"
                               "passwordeval \"echo hunter2\"\n"
                               "from me@home.example\n"
                               "aliases /etc/aliases\n"
                               "account default : work\n";

constexpr const char* kPostfix = "myhostname = host.example.org\n"
                                 "mydomain = example.org\n"
                                 "relayhost =\n"
                                 "  [smtp.$mydomain]:587\n"
                                 "smtp_sasl_auth_enable = yes\n"
                                 "smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd\n"
                                 "smtp_tls_security_level = encrypt\n"
                                 "transport_maps = hash:/etc/postfix/transport\n"
                                 "sender_dependent_relayhost_maps = hash:/etc/postfix/senders\n"
                                 "smtp_fallback_relay = [backup.example.org]\n"
                                 "maximal_queue_lifetime = 3\n"
                                 "header_checks = regexp:/etc/postfix/header_checks\n";

} // namespace

Test(import_msmtp, accounts_become_transports_and_the_default_gets_all_mail) {
  const ImportDraft draft = import_msmtp(kMsmtp, "/etc/msmtprc");
  const Snapshot snapshot = snapshot_of(draft);
  const Transport* const work = snapshot.transport("work");
  const Transport* const home = snapshot.transport("home");
  cr_assert(work != nullptr && home != nullptr);
  cr_expect(work->type == TransportType::submission && work->port == 587);
  cr_expect(work->user == "me@work.example" && work->credential == "work");
  cr_expect(home->type == TransportType::submissions && home->port == 465);
  cr_expect(home->mechanisms == std::vector<std::string>{"SCRAM-SHA-256"});
  cr_assert_eq(snapshot.routes.size(), 2U);
  cr_expect(snapshot.routes[0].transport == "home" &&
            snapshot.routes[0].from.front() == "home.example");
  cr_expect(snapshot.routes[1].transport == "work" && snapshot.routes[1].from.empty());
  const std::string text = text_of(draft);
  cr_expect(says(text, "waypost credential add work    # the password stands in msmtprc:9"));
  cr_expect(says(text, "# msmtprc:5\nhost = \"smtp.work.example\""));
  cr_expect(says(text, "msmtprc:19: aliases: "));
}

Test(import_msmtp, what_our_check_would_refuse_is_a_comment_with_the_reason) {
  const std::string text = text_of(import_msmtp(
      "host smtp.example\ntls on\ntls_trust_file ca.pem\nauth gssapi\nuser me\n", "msmtprc"));
  cr_expect(says(text, "# not taken over: ca: \"ca.pem\" does not begin with /"), "%s",
            text.c_str());
  cr_expect(says(text, "is an unknown mechanism"));
  cr_expect(configure(text, "x")->transport("msmtp") != nullptr, "the rest of it stays");
}

Test(import_msmtp, an_account_without_tls_leaves_nothing_to_chance) {
  const Snapshot snapshot = snapshot_of(import_msmtp("account a\nhost relay.example\n", "msmtprc"));
  cr_expect(snapshot.transport("a")->tls == TlsPolicy::off);
  cr_expect(snapshot.transport("a")->type == TransportType::smtp);
}

Test(import_msmtp, the_default_account_keeps_the_mail_of_its_domain) {
  const ImportDraft draft = import_msmtp("account default\nhost a.example\nfrom me@mail.example\n"
                                         "account other\nhost b.example\nfrom other@Mail.example\n"
                                         "account third\nhost c.example\nfrom x@third.example\n"
                                         "account fourth\nhost d.example\nfrom y@third.example\n",
                                         "msmtprc");
  std::vector<std::string> order;
  for (const RouteRule& rule : snapshot_of(draft).routes)
    order.push_back(rule.transport);
  const std::vector<std::string> expected{"third", "msmtp"};
  cr_expect(order == expected);
  const std::string text = text_of(draft);
  for (const char* const words : {"msmtprc:6: from: a rule is for a sender's domain",
                                  "msmtprc:12: from: a rule is for a sender's domain"})
    cr_expect(says(text, words), "%s", text.c_str());
}

Test(import_msmtp, names_of_this_machine_are_what_its_aliases_say) {
  const Snapshot with = snapshot_of(
      import_msmtp("defaults\naliases /etc/msmtp-aliases\naccount a\nhost a.example\n", "msmtprc"));
  cr_expect(with.settings.alias_file == "/etc/msmtp-aliases");
  cr_expect(!with.settings.local_domains.empty());
  const Snapshot behind = snapshot_of(
      import_msmtp("account a\nhost a.example\naccount default : a\naliases /etc/b\n", "msmtprc"));
  cr_expect(behind.settings.alias_file == "/etc/b" && behind.routes.front().transport == "a");
  const Snapshot without = snapshot_of(import_msmtp("host a.example\n", "msmtprc"));
  cr_expect(without.settings.local_domains.empty(), "all mail leaves");
}

Test(import_nullmailer, mail_for_this_machine_leaves_but_for_the_adminaddr_s) {
  const auto settings = [](const Files& files) {
    return snapshot_of(import_nullmailer("a.example\n", "/etc/nullmailer/remotes", reader(files)))
        .settings;
  };
  cr_expect(settings({}).local_domains.empty());
  const Settings admin = settings({{"/etc/nullmailer/adminaddr", "me@b.example\n"}});
  cr_expect(admin.root_to == "me@b.example" && !admin.local_domains.empty());
}

Test(import_nullmailer, remotes_are_tried_in_their_order) {
  const ImportDraft draft = import_nullmailer(
      "# relays\n"
      "smtp.isp.example smtp --port=587 --starttls --user=me --pass='hunter2' --auth-login\n"
      "backup.isp.example --ssl --insecure\n",
      "/etc/nullmailer/remotes",
      reader(
          {{"/etc/nullmailer/me", "host.example.org\n"}, {"/etc/nullmailer/pausetime", "60\n"}}));
  const Snapshot snapshot = snapshot_of(draft);
  cr_expect(snapshot.settings.hostname == "host.example.org");
  const Transport* const first = snapshot.transport("nullmailer");
  const Transport* const second = snapshot.transport("nullmailer2");
  cr_assert(first != nullptr && second != nullptr);
  cr_expect(first->type == TransportType::submission && first->port == 587 && first->user == "me");
  cr_expect(first->mechanisms == std::vector<std::string>{"LOGIN"});
  cr_expect(second->type == TransportType::submissions && second->tls == TlsPolicy::required);
  cr_assert_eq(snapshot.routes.size(), 2U);
  cr_expect(snapshot.routes[0].transport == "nullmailer2" && snapshot.routes[0].attempt == 2);
  cr_expect(snapshot.routes[1].transport == "nullmailer" && snapshot.routes[1].attempt == 0);
  const std::string text = text_of(draft);
  cr_expect(says(text, "pausetime:1: retry says when mail is tried again"));
  cr_expect(says(text, "the password stands in remotes:2"));
}

Test(import_nullmailer, a_lone_word_may_be_a_password_and_is_not_shown) {
  text_of(import_nullmailer("h.example smtp --user=me --pass hunter2\n", "remotes", reader({})));
}

Test(import_postfix, the_relay_its_login_and_the_tables_are_read) {
  const Files files{
      {"/etc/postfix/sasl_passwd", "[smtp.example.org]:587 me:hunter2\n"},
      {"/etc/postfix/transport",
       "example.com smtp:[mx.example.com]:2525\n.example.net :\nx@y.example smtp:\n"},
      {"/etc/postfix/senders", "@two.example [relay.two.example]:465\nme@z.example [r.example]\n"}};
  const ImportDraft draft = import_postfix(kPostfix, "/etc/postfix/main.cf", reader(files));
  const Snapshot snapshot = snapshot_of(draft);
  cr_expect(snapshot.settings.hostname == "host.example.org");
  cr_expect_eq(snapshot.settings.expire_after_s, 3U * 86'400);
  const Transport* const relay = snapshot.transport("smtp.example.org");
  cr_assert(relay != nullptr);
  cr_expect(relay->type == TransportType::submission && relay->tls == TlsPolicy::verified);
  cr_expect(relay->user == "me" && relay->credential == "smtp.example.org");
  cr_expect_eq(snapshot.transport("mx.example.com")->port, 2525);
  std::vector<std::string> order;
  for (const RouteRule& rule : snapshot.routes)
    order.push_back(rule.transport);
  const std::vector<std::string> expected{"mx.example.com", "smtp.example.org", "relay.two.example",
                                          "backup.example.org", "smtp.example.org"};
  cr_expect(order == expected);
  cr_expect(snapshot.routes[3].after.has(FailureClass::unreachable));
  const std::string text = text_of(draft);
  for (const char* const words :
       {"transport:3: a rule is for a domain", "senders:2: a rule is for a sender's domain",
        "main.cf:12: header_checks: ", "the password stands in sasl_passwd:1",
        "main.cf:7: waypost shows a password only"})
    cr_expect(says(text, words), "%s is not in\n%s", words, text.c_str());
}

Test(import_postfix, what_ends_on_the_machine_is_what_ended_there) {
  const auto read = [](const std::string& text) {
    return import_postfix("mydomain = b.test\n" + text, "/etc/postfix/main.cf", reader({}));
  };
  struct Row {
    const char* text;
    std::vector<std::string> domains;
  };
  for (const Row& row :
       {Row{"myhostname = a.b.test\nmydestination = $myhostname, $mydomain,, localhost\n",
            {"a.b.test", "b.test", "localhost"}},
        Row{"mydestination =\n", {}},
        Row{"mydestination = hash:/etc/postfix/here x.test\n", {"x.test"}}})
    cr_expect(snapshot_of(read(row.text)).settings.local_domains == row.domains, "%s", row.text);
  for (const auto& [text, words] : std::map<std::string, const char*>{
           {"mydestination = $myhostname, localhost\n",
            "main.cf:2: mydestination: myhostname is not set"},
           {"mydestination = hash:/etc/postfix/here\n",
            "main.cf:2: hash:/etc/postfix/here: it is not read"},
           {"mailbox_command = procmail\n", "main.cf:2: mailbox_command: write type = "}})
    cr_expect(says(text_of(read(text)), words), "%s", text.c_str());
  // As everybody's own names, which hold where nothing is said.
  const Snapshot unsaid = snapshot_of(read("mydestination = $myhostname, localhost\n"));
  cr_expect(unsaid.settings.local_domains == snapshot_of(read("")).settings.local_domains);
}

// main.cf as Debian's installer writes it for an internet site.
Test(import_postfix, a_domain_that_mydestination_has_twice_stands_once) {
  const Snapshot snapshot = snapshot_of(import_postfix(
      "myhostname = mail.b.test\nalias_maps = hash:/etc/aliases\nmyorigin = /etc/mailname\n"
      "mydestination = $myhostname, b.test, mail.b.test, localhost.b.test, , localhost\n",
      "main.cf", reader({})));
  const std::vector<std::string> expected{"mail.b.test", "b.test", "localhost.b.test", "localhost"};
  cr_expect(snapshot.settings.local_domains == expected);
  cr_expect(snapshot.settings.alias_file.ends_with("aliases"));
}

Test(import_postfix, the_first_file_of_aliases_is_ours) {
  const ImportDraft draft = import_postfix(
      "alias_maps = nis:mail.aliases, hash:/etc/mail/aliases,hash:/var/lib/lists/aliases\n",
      "main.cf", reader({}));
  cr_expect(snapshot_of(draft).settings.alias_file == "/etc/mail/aliases");
  const std::string text = text_of(draft);
  for (const char* const other : {"nis:mail.aliases", "hash:/var/lib/lists/aliases"})
    cr_expect(says(text, "main.cf:1: " + std::string(other) + ": aliases are those of alias_file"));
}

Test(import_postfix, a_fallback_relay_needs_no_relayhost) {
  const Snapshot snapshot = snapshot_of(
      import_postfix("smtp_fallback_relay = [backup.example]\n", "main.cf", reader({})));
  cr_assert_eq(snapshot.routes.size(), 1U);
  cr_expect(snapshot.routes[0].transport == "backup.example");
  cr_expect(snapshot.routes[0].after.has(FailureClass::dns));
}

Test(import_postfix, of_several_relays_the_first_is_taken) {
  const ImportDraft draft =
      import_postfix("relayhost = [a.example]:2525, [b.example]\n", "main.cf", reader({}));
  const Snapshot snapshot = snapshot_of(draft);
  cr_assert_eq(snapshot.routes.size(), 1U);
  cr_expect(snapshot.routes[0].transport == "a.example");
  cr_expect_eq(snapshot.transport("a.example")->port, 2525);
  cr_expect(says(text_of(draft), "main.cf:1: [b.example]: only the first of several"));
}

Test(import_postfix, mydomain_is_what_is_left_of_myhostname) {
  const std::string relay = "relayhost = [smtp.$mydomain]\n";
  const ImportDraft draft =
      import_postfix("myhostname = a.b.example\n" + relay, "main.cf", reader({}));
  cr_expect(snapshot_of(draft).routes.front().transport == "smtp.b.example");
  const std::string unknown = text_of(import_postfix("relayhost = $mydomain\n", "m", reader({})));
  cr_expect(says(unknown, "m:1: relayhost: it names what main.cf does not set"), "%s",
            unknown.c_str());
}

Test(import_postfix, the_nearest_name_of_a_transport_table_decides) {
  const Files files{{"/t", "* smtp:[all.example]\n.b.example smtp:[b.example]\n"
                           ".a.b.example smtp:[ab.example]\nx.a.b.example smtp:[xab.example]\n"
                           "own.example :\ndirect.example smtp:\nb.example :\n"},
                    {"/u", "z.example smtp:[z.example]\n"}};
  const ImportDraft draft = import_postfix(
      "relayhost = [relay.example]\ntransport_maps = hash:/t,hash:/u\n", "main.cf", reader(files));
  std::vector<std::string> order;
  for (const RouteRule& rule : snapshot_of(draft).routes)
    order.push_back((rule.to.empty() ? "*" : rule.to.front()) + " " + rule.transport);
  const std::vector<std::string> expected{"x.a.b.example xab.example",
                                          "own.example relay.example",
                                          "direct.example direct",
                                          "b.example relay.example",
                                          ".a.b.example ab.example",
                                          ".b.example b.example",
                                          "* all.example",
                                          "* relay.example"};
  cr_expect(order == expected);
  const std::string text = text_of(draft);
  cr_expect(says(text, "t:3: .a.b.example: the rule is for a.b.example itself too"), "%s",
            text.c_str());
  cr_expect(!says(text, "t:2: .b.example: the rule"));
  cr_expect(says(text, "main.cf:2: transport_maps: only the first table is read"));
}

Test(import_postfix, a_table_that_cannot_be_read_is_told) {
  const std::string text = text_of(import_postfix(kPostfix, "/etc/postfix/main.cf", reader({})));
  cr_expect(says(text, "smtp_sasl_password_maps: open /etc/postfix/sasl_passwd: No such file"));
}

Test(import_postfix, parameters_are_expanded_and_loops_end) {
  const auto all = parse_main_cf("a = x$b\nb=${c}y\n  z\nc = $(a)\n# d = 1\nd=$$\n");
  cr_expect_eq(all.at("b").line, 2U);
  cr_expect(all.at("b").value == "${c}y z");
  cr_expect(expand_main_cf("$d$nothing-", all) == "$-");
  cr_expect(expand_main_cf("$a", all).size() < 5000);
  std::string many = "a = ";
  for (int i = 0; i < 1000; ++i)
    many += "$a";
  cr_expect(expand_main_cf("$a", parse_main_cf(many)).empty(), "it ends at all");
}
