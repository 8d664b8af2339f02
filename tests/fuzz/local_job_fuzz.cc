// What waypost-lspawn takes from its socket, and what it would do for it: never as root, never
// outside of the folder of mailboxes, no command but the configuration's.
#include <cstdlib>

#include "local/delivery_plan.h"

using namespace waypost;

namespace {

void expect(bool good) {
  if (!good) std::abort();
}

Result<std::optional<PasswdEntry>> sample_user(std::string_view name) {
  if (name.empty() || name == "nobody") return std::nullopt;
  if (name.front() == 'e') return fail("not now");
  const uid_t uid = name.front() == 'r' ? 0 : name.front() == 's' ? 100 : 1001;
  return PasswdEntry{std::string(name), uid, {}, uid, "/home/x", "/bin/sh"};
}

local::LocalConfiguration configuration() {
  Snapshot all;
  all.settings.alias_file = "/etc/aliases";
  for (const auto& [name, type, user] : {std::tuple{"local", TransportType::mbox, ""},
                                         std::tuple{"box", TransportType::maildir, "vmail"},
                                         std::tuple{"lost", TransportType::maildir, "nobody"},
                                         std::tuple{"server", TransportType::lmtp, "vmail"},
                                         std::tuple{"names", TransportType::aliases, ""},
                                         std::tuple{"direct", TransportType::direct, ""},
                                         std::tuple{"prog", TransportType::pipe, ""}}) {
    Transport one;
    one.name = name;
    one.type = type;
    one.user = user;
    one.path = "/var/mail";
    one.socket = "/run/lmtp";
    one.command = {"/bin/prog"};
    all.transports.push_back(one);
  }
  return local::LocalConfiguration::of(all);
}

// In a home of its own all is done as this process, for one user.
void expect_personal(const LocalJob& job, local::Machine machine) {
  machine.personal = true;
  machine.personal_home = "/home/x/mail";
  machine.self = 1001;
  const auto plan = local::plan_delivery(job, configuration(), machine);
  if (plan) expect(!plan->identity);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto record = Record::decode({reinterpret_cast<const char*>(data), size});
  if (!record) return 0;
  const Result<LocalResult> result = local_result(*record);
  if (result) expect(local_result(to_record(*result))->number == result->number);
  const Result<LocalJob> job = local_job(*record);
  if (!job) return 0;
  expect(local_job(to_record(*job)).has_value());
  local::Machine machine;
  machine.user = sample_user;
  machine.groups = [](std::string_view) { return std::vector<gid_t>{0, 50}; };
  machine.group = [](std::string_view) { return std::optional<gid_t>(8); };
  expect_personal(*job, machine);
  const auto plan = local::plan_delivery(*job, configuration(), machine);
  if (!plan) return 0;
  expect(plan->identity && plan->identity->uid >= 1000 && plan->identity->gid != 0);
  for (const gid_t group : plan->identity->groups)
    expect(group != 0);
  const std::string& last = plan->arguments.back();
  const bool box = plan->arguments[1] == "mbox" || plan->arguments[1] == "maildir";
  if (box) {
    expect(last.starts_with("/var/mail/") && last.find('/', 10) == std::string::npos);
    expect(last.size() > 10 && last[10] != '.');
  } else {
    expect(last == "/bin/prog" || last == "0" || last == "/etc/aliases");
  }
  for (const std::string& one : plan->environment)
    expect(one.find('=') != std::string::npos && one.find('\n') == std::string::npos);
  return 0;
}
