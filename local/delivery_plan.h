// DeliveryPlan: what waypost-lspawn does for a job: which program, with which arguments and
// environment, as whom.
//
// The job only names a transport and a mailbox. The command and the path are the compiled
// configuration's, the uid is that of /etc/passwd. Never root; an account of the system only where
// the transport names it (may_receive()). Pure, but for what `machine` looks up.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/mail/local_job.h"
#include "lib/mail/snapshot.h"
#include "lib/sys/passwd.h"
#include "lib/sys/privilege.h"

namespace waypost::local {

struct Machine {
  std::function<Result<std::optional<PasswdEntry>>(std::string_view)> user = find_passwd_name;
  std::function<Result<std::vector<gid_t>>(std::string_view)> groups = groups_of;
  std::function<Result<std::optional<gid_t>>(std::string_view)> group = find_group;
  // A personal home: everything runs as this process does, for its own user's mail.
  bool personal = false;
  std::string personal_home; // WAYPOST_HOME
  uid_t self = 0;
};

struct DeliveryPlan {
  std::optional<Identity> identity; // none: as this process
  std::string home;
  std::vector<std::string> arguments;   // of waypost-local, which is the first
  std::vector<std::string> environment; // all of it
  std::uint64_t limit_ms = 0;           // it is killed then
};

// What the transports are at this moment.
struct LocalConfiguration {
  std::vector<Transport> transports; // the local ones
  std::string alias_file;

  [[nodiscard]] static LocalConfiguration of(const Snapshot& snapshot);
};

// Else a result that says why nothing is started.
[[nodiscard]] std::expected<DeliveryPlan, LocalResult>
plan_delivery(const LocalJob& job, const LocalConfiguration& configuration, const Machine& machine);

} // namespace waypost::local
