// Whom waypost-lspawn becomes, and what it refuses.
#include "local/delivery_plan.h"

#include <algorithm>
#include <criterion/criterion.h>

using namespace waypost;
using namespace waypost::local;

namespace {

Result<std::optional<PasswdEntry>> sample_user(std::string_view name) {
  if (name == "unread") return fail_errno("open /etc/passwd", EMFILE);
  if (name == "root") return PasswdEntry{"root", 0, {}, 0, "/root", {}};
  if (name == "toor") return PasswdEntry{"toor", 0, {}, 0, "/root", {}};
  if (name == "daemon") return PasswdEntry{"daemon", 1, {}, 1, "/usr/sbin", {}};
  if (name == "nobody") return PasswdEntry{"nobody", 65534, {}, 65534, "/nonexistent", {}};
  if (name == "alice") return PasswdEntry{"alice", 1001, {}, 1001, "/home/alice", "/bin/bash"};
  return std::nullopt;
}

Machine machine() {
  Machine one;
  one.user = sample_user;
  one.groups = [](std::string_view name) {
    return name == "alice" ? std::vector<gid_t>{50, 0} : std::vector<gid_t>();
  };
  one.group = [](std::string_view) { return std::optional<gid_t>(8); };
  return one;
}

Transport transport(std::string name, TransportType type, std::string path, std::string user = {}) {
  Transport one;
  one.name = std::move(name);
  one.type = type;
  one.path = std::move(path);
  one.user = std::move(user);
  return one;
}

LocalConfiguration configuration() {
  LocalConfiguration all;
  all.transports = {transport("local", TransportType::mbox, "/var/mail"),
                    transport("home", TransportType::maildir, "~/Maildir"),
                    transport("boxes", TransportType::maildir, "/srv/mail", "daemon"),
                    transport("asroot", TransportType::maildir, "/srv/mail", "root"),
                    transport("astoor", TransportType::maildir, "/srv/mail", "toor"),
                    transport("lost", TransportType::maildir, "/srv/mail", "nosuch"),
                    transport("aliases", TransportType::aliases, "", "nobody"),
                    transport("prog", TransportType::pipe, "")};
  all.transports.back().command = {"/bin/prog", "-a"};
  all.alias_file = "/etc/aliases";
  return all;
}

LocalJob job(std::string transport_name, std::string mailbox) {
  LocalJob one;
  one.job = 7;
  one.id = "1j0q8gopq5c4boo2";
  one.transport = std::move(transport_name);
  one.mailbox = std::move(mailbox);
  one.recipient = *Address::parse("alice@here.test");
  one.sender = *Address::parse("bob@home.test");
  one.length = 12;
  return one;
}

std::string words(const DeliveryPlan& plan) {
  std::string all;
  for (const std::string& one : plan.arguments)
    all += (all.empty() ? "" : " ") + one;
  return all;
}

} // namespace

Test(plan, recipient_delivers_to_its_own_mailbox) {
  const auto plan = plan_delivery(job("home", "alice"), configuration(), machine());
  cr_assert(plan.has_value());
  cr_expect(words(*plan) == "waypost-local maildir /home/alice/Maildir");
  cr_expect(plan->identity->uid == 1001 && plan->identity->gid == 1001);
  cr_expect(plan->identity->groups == std::vector<gid_t>{50}, "never root's group");
  cr_expect(plan->home == "/home/alice");
}

Test(plan, system_mailbox_is_written_with_the_group_of_its_folder) {
  const auto plan = plan_delivery(job("local", "alice"), configuration(), machine());
  cr_assert(plan.has_value());
  cr_expect(words(*plan) == "waypost-local mbox /var/mail/alice");
  cr_expect(plan->identity->uid == 1001 && plan->identity->gid == 8);
  cr_expect(std::ranges::find(plan->identity->groups, gid_t{1001}) != plan->identity->groups.end());
}

Test(plan, command_and_user_are_the_configurations_whatever_the_job_says) {
  const auto plan = plan_delivery(job("prog", "alice"), configuration(), machine());
  cr_assert(plan.has_value());
  cr_expect(words(*plan) == "waypost-local pipe 600000 /bin/prog -a");
  const auto boxes = plan_delivery(job("boxes", "anybody"), configuration(), machine());
  cr_assert(boxes.has_value());
  cr_expect(words(*boxes) == "waypost-local maildir /srv/mail/anybody");
  cr_expect(boxes->identity->uid == 1 && boxes->identity->gid == 1);
  const auto aliases = plan_delivery(job("aliases", "aliases"), configuration(), machine());
  cr_assert(aliases.has_value());
  cr_expect(words(*aliases) == "waypost-local aliases 600000 /etc/aliases");
  cr_expect_eq(aliases->identity->uid, 65534);
}

Test(plan, environment_is_made_anew) {
  const auto plan = plan_delivery(job("home", "alice"), configuration(), machine());
  cr_assert(plan.has_value());
  for (const char* wanted : {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/home/alice", "USER=alice",
                             "LOGNAME=alice", "SHELL=/bin/bash", "WAYPOST_LENGTH=12"})
    cr_expect(std::ranges::find(plan->environment, wanted) != plan->environment.end(), "%s",
              wanted);
  cr_expect_eq(plan->environment.size(), 10);
}

Test(plan, root_and_accounts_of_the_system_are_refused) {
  struct Row {
    const char* transport;
    const char* mailbox;
    LocalResult::Kind kind;
  };
  using Kind = LocalResult::Kind;
  for (const Row& row :
       {Row{"local", "root", Kind::refused}, Row{"home", "toor", Kind::refused},
        Row{"prog", "root", Kind::refused}, Row{"local", "daemon", Kind::refused},
        Row{"local", "nobody", Kind::refused}, Row{"asroot", "x", Kind::refused},
        Row{"astoor", "x", Kind::refused}, Row{"lost", "x", Kind::refused},
        Row{"nosuch", "alice", Kind::refused}, Row{"local", "nosuch", Kind::unknown},
        Row{"boxes", "../x", Kind::unknown}, Row{"boxes", "a/b", Kind::unknown},
        Row{"boxes", "", Kind::unknown}, Row{"boxes", ".x", Kind::unknown},
        Row{"local", "", Kind::unknown}, Row{"prog", "", Kind::unknown}}) {
    const auto plan = plan_delivery(job(row.transport, row.mailbox), configuration(), machine());
    cr_assert(!plan.has_value(), "%s %s", row.transport, row.mailbox);
    cr_expect(plan.error().kind == row.kind, "%s %s: %s", row.transport, row.mailbox,
              plan.error().text.c_str());
    cr_expect_eq(plan.error().job, 7);
  }
}

Test(plan, nobody_is_unknown_because_the_users_cannot_be_read) {
  const auto unread = [](const Machine& one, const char* transport, const char* mailbox) {
    const auto plan = plan_delivery(job(transport, mailbox), configuration(), one);
    return !plan && plan.error().kind == LocalResult::Kind::refused &&
           plan.error().text.contains("looked up");
  };
  cr_expect(unread(machine(), "local", "unread"));
  Machine personal = machine();
  personal.personal = true;
  cr_expect(unread(personal, "local", "unread"));
  Machine groups = machine();
  groups.groups = [](std::string_view) { return fail_errno("open /etc/group", EMFILE); };
  cr_expect(unread(groups, "home", "alice"), "the groups of a user are not left out");
  Machine group = machine();
  group.group = [](std::string_view) { return fail_errno("open /etc/group", EMFILE); };
  cr_expect(unread(group, "local", "alice"), "nor the group of the mailboxes");
}

Test(plan, personal_home_is_its_owners_alone) {
  Machine one = machine();
  one.personal = true;
  one.self = 1001;
  const auto own = plan_delivery(job("local", "alice"), configuration(), one);
  cr_assert(own.has_value());
  cr_expect(!own->identity);
  const auto other = plan_delivery(job("local", "daemon"), configuration(), one);
  cr_assert(!other.has_value());
  cr_expect(other.error().kind == LocalResult::Kind::unknown);
}
