#include "local/delivery_plan.h"

#include <algorithm>

#include "lib/mail/local_user.h"
#include "lib/sys/text.h"

namespace waypost::local {
namespace {

constexpr const char* kPath = "PATH=/usr/local/bin:/usr/bin:/bin";
constexpr std::uint64_t kMinute = 60'000;
// A mailbox's lock may have to be waited for.
constexpr std::uint64_t kMailboxLimit = 10 * kMinute;

using Refusal = std::unexpected<LocalResult>;

Refusal refuse(const LocalJob& job, std::string why) {
  LocalResult result;
  result.job = job.job;
  result.kind = LocalResult::Kind::refused;
  result.text = std::move(why);
  return Refusal(std::move(result));
}

// What could not be looked up this time says nothing about who exists.
Refusal refuse(const LocalJob& job, const Error& error) {
  return refuse(job, "the users of this machine cannot be looked up now: " + error.text);
}

Refusal unknown(const LocalJob& job) {
  Refusal result = refuse(job, "no user " + printable(job.mailbox) + " on this machine");
  result.error().kind = LocalResult::Kind::unknown;
  return result;
}

bool writes_mailbox(const Transport& transport) {
  return transport.type == TransportType::maildir || transport.type == TransportType::mbox;
}

// Whose uid it is: the transport's user, else the mailbox's.
std::expected<PasswdEntry, LocalResult> find_owner(const LocalJob& job, const Transport& transport,
                                                   const Machine& machine) {
  const bool named = !transport.user.empty();
  Result<std::optional<PasswdEntry>> found = machine.user(named ? transport.user : job.mailbox);
  if (!found) return refuse(job, found.error());
  std::optional<PasswdEntry>& owner = *found;
  if (!owner && !named) return unknown(job);
  if (!owner) return refuse(job, "the transport's user " + transport.user + " does not exist");
  if (owner->uid == 0) return refuse(job, "nothing is delivered as root");
  if (!named && !may_receive(owner->uid))
    return refuse(job, owner->name + " is an account of the system, and no transport names it");
  if (!owner->home.starts_with('/')) owner->home = "/";
  return std::move(*owner);
}

// In a personal home all mail is for one user, and only that one's passwd entry can matter.
std::expected<PasswdEntry, LocalResult> find_self(const LocalJob& job, const Transport& transport,
                                                  const Machine& machine) {
  if (transport.user.empty()) {
    Result<std::optional<PasswdEntry>> owner = machine.user(job.mailbox);
    if (!owner) return refuse(job, owner.error());
    if (!*owner || (*owner)->uid != machine.self) return unknown(job);
    return std::move(**owner);
  }
  PasswdEntry anyone;
  anyone.name = job.mailbox;
  anyone.home = "/";
  anyone.shell = "/bin/sh";
  return anyone;
}

Result<Identity> identity_of(const PasswdEntry& owner, const Transport& transport,
                             const Machine& machine) {
  const Result<std::vector<gid_t>> groups = machine.groups(owner.name);
  if (!groups) return std::unexpected(groups.error());
  Identity identity{owner.uid, owner.gid, *groups};
  // Debian policy 11.6: mailboxes lie in a folder of the group mail, which may lock them there. As
  // the group of the process itself it also keeps the recipient from tracing it.
  const bool spool = transport.type == TransportType::mbox && transport.path.starts_with('/');
  const Result<std::optional<gid_t>> mail = spool ? machine.group("mail") : std::nullopt;
  if (!mail) return std::unexpected(mail.error());
  if (*mail && **mail != 0) {
    identity.groups.push_back(owner.gid);
    identity.gid = **mail;
  }
  std::erase(identity.groups, gid_t{0});
  return identity;
}

std::string path_of(const Transport& transport, const PasswdEntry& owner, const std::string& name) {
  if (transport.path.starts_with("~/")) return owner.home + transport.path.substr(1);
  return transport.path + "/" + name;
}

std::vector<std::string> arguments_of(const LocalJob& job, const Transport& transport,
                                      const PasswdEntry& owner, const std::string& alias_file) {
  const Timeouts& times = transport.timeouts;
  std::vector<std::string> words{"waypost-local", std::string(name(transport.type))};
  switch (transport.type) {
  case TransportType::maildir:
  case TransportType::mbox: words.push_back(path_of(transport, owner, job.mailbox)); break;
  case TransportType::lmtp:
    words.push_back(std::to_string(times.connect_ms));
    words.push_back(std::to_string(times.command_ms));
    words.push_back(std::to_string(times.final_ms));
    words.push_back(transport.socket.empty() ? transport.host : transport.socket);
    words.push_back(std::to_string(transport.socket.empty() ? transport.port : 0));
    break;
  case TransportType::pipe:
    words.push_back(std::to_string(times.final_ms));
    words.insert(words.end(), transport.command.begin(), transport.command.end());
    break;
  case TransportType::aliases:
    words.push_back(std::to_string(times.final_ms));
    words.push_back(alias_file);
    break;
  case TransportType::direct:
  case TransportType::smtp:
  case TransportType::submission:
  case TransportType::submissions:
  case TransportType::socks:
  case TransportType::fail: break;
  }
  return words;
}

std::vector<std::string> environment_of(const LocalJob& job, const PasswdEntry& owner,
                                        const Machine& machine) {
  std::vector<std::string> all{kPath,
                               "HOME=" + owner.home,
                               "USER=" + owner.name,
                               "LOGNAME=" + owner.name,
                               "SHELL=" +
                                   (owner.shell.empty() ? std::string("/bin/sh") : owner.shell),
                               "WAYPOST_ID=" + job.id,
                               "WAYPOST_SENDER=" + job.sender.text(),
                               "WAYPOST_RECIPIENT=" + job.recipient.text(),
                               "WAYPOST_MAILBOX=" + job.mailbox,
                               "WAYPOST_LENGTH=" + std::to_string(job.length)};
  // So that a program that sends mail uses the queue that it was started by.
  if (machine.personal) all.push_back("WAYPOST_HOME=" + machine.personal_home);
  return all;
}

} // namespace

LocalConfiguration LocalConfiguration::of(const Snapshot& snapshot) {
  LocalConfiguration configuration;
  configuration.alias_file = snapshot.settings.alias_file;
  for (const Transport& one : snapshot.transports)
    if (is_local(one.type)) configuration.transports.push_back(one);
  return configuration;
}

std::expected<DeliveryPlan, LocalResult> plan_delivery(const LocalJob& job,
                                                       const LocalConfiguration& configuration,
                                                       const Machine& machine) {
  const auto found = std::ranges::find(configuration.transports, job.transport, &Transport::name);
  if (found == configuration.transports.end())
    return refuse(job, "the transport " + printable(job.transport) + " does not deliver here");
  const Transport& transport = *found;
  if (writes_mailbox(transport) && !mailbox_name(job.mailbox)) return unknown(job);
  const auto owner =
      machine.personal ? find_self(job, transport, machine) : find_owner(job, transport, machine);
  if (!owner) return std::unexpected(owner.error());
  DeliveryPlan plan;
  if (!machine.personal) {
    Result<Identity> identity = identity_of(*owner, transport, machine);
    if (!identity) return refuse(job, identity.error());
    plan.identity = std::move(*identity);
  }
  plan.home = owner->home;
  plan.arguments = arguments_of(job, transport, *owner, configuration.alias_file);
  plan.environment = environment_of(job, *owner, machine);
  // What waypost-local keeps to itself; behind it stands this limit, also for one that was stopped.
  const Timeouts& times = transport.timeouts;
  plan.limit_ms = writes_mailbox(transport)
                      ? kMailboxLimit
                      : times.connect_ms + 6 * times.command_ms + times.final_ms + kMinute;
  if (transport.type == TransportType::pipe || transport.type == TransportType::aliases)
    plan.limit_ms = times.final_ms + kMinute;
  return plan;
}

} // namespace waypost::local
