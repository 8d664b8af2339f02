// waypost-login: tries a credential at the servers that it is for, without sending mail:
// `waypost credential test`. waypost-login(8).
//
// Privilege: root's where installed, and given up at once: the oracle that it starts becomes
// waysasl, and itself becomes waysend, as a sender. In a home of its own all is the caller's. Then
// it may connect, and read what TLS and names need. Of a password it sees what a sender sees.

#include <cstdio>

#include "deliver/confinement.h"
#include "deliver/login_report.h"
#include "deliver/own_oracle.h"
#include "lib/mail/login.h"
#include "lib/sys/home.h"
#include "lib/sys/log.h"
#include "lib/sys/output.h"
#include "lib/sys/text.h"

namespace {

using namespace waypost;

constexpr int kPermanent = 100;
constexpr int kTemporary = 111;

int refuse(int status, const std::string& text) {
  std::fprintf(stderr, "waypost credential test: %s\n", text.c_str());
  return status;
}

// The oracle, under its user; then we are a sender.
Result<deliver::OwnOracle> start_oracle(const Home& home) {
  Result<deliver::OwnOracle> oracle = deliver::OwnOracle::start_for(home);
  if (!oracle || home.personal) return oracle;
  const Result<Identity> send = deliver::system_user("waysend");
  if (!send) return std::unexpected(send.error());
  const Result<> became = become(*send);
  if (!became) return std::unexpected(became.error());
  return oracle;
}

std::vector<const Transport*> transports_with(const Snapshot& snapshot, std::string_view name) {
  std::vector<const Transport*> found;
  for (const Transport& one : snapshot.transports) {
    if (one.credential == name && logs_in(one)) found.push_back(&one);
  }
  return found;
}

net::Task<> try_all(deliver::LoginTrial& trial, std::vector<const Transport*> transports,
                    net::Loop& loop, std::vector<deliver::LoginFindings>& found) {
  found = co_await trial.run(std::move(transports));
  loop.stop();
}

int report(const std::vector<deliver::LoginFindings>& found, bool json) {
  int status = 0;
  for (const deliver::LoginFindings& one : found) {
    std::fputs(json ? (login_json(one) + "\n").c_str() : login_text(one).c_str(), stdout);
    const int its = login_status(one);
    if (its != 0 && status != kPermanent) status = its;
  }
  return output_written("waypost-login") ? status : kTemporary;
}

int test(const std::string& name, bool json) {
  const Home home = find_home();
  const Result<Snapshot> snapshot = read_snapshot(home.snapshot());
  if (!snapshot) return refuse(kTemporary, "no compiled configuration: " + snapshot.error().text);
  const std::vector<const Transport*> transports = transports_with(*snapshot, name);
  if (transports.empty())
    return refuse(kPermanent, "no transport of " + snapshot->settings.source + " has credential " +
                                  printable(name));
  Result<deliver::OwnOracle> oracle = start_oracle(home);
  if (!oracle)
    return refuse(oracle.error().code == 0 ? kPermanent : kTemporary, oracle.error().text);
  confine(deliver::promises_of_trial(transports), kTemporary);
  net::Loop loop;
  std::vector<deliver::LoginFindings> found;
  {
    deliver::LoginTrial trial(loop, oracle->take_scopes(), *snapshot);
    net::Task<> all = try_all(trial, transports, loop, found);
    all.start();
    if (!all.done()) loop.run();
  }
  return report(found, json);
}

} // namespace

int main(int count, char** values) {
  if (!forbid_inspection()) return kTemporary;
  set_log_program("waypost-login");
  const bool json = count == 3 && std::string_view(values[2]) == "--json";
  const bool named = count >= 2 && !std::string_view(values[1]).starts_with("-");
  if (!named || count > 3 || (count == 3 && !json)) {
    std::fputs("usage: waypost credential test NAME [--json]\n", stderr);
    return kPermanent;
  }
  return test(values[1], json);
}
