#include "route/warnings.h"

#include <algorithm>
#include <set>

#include "route/quantity.h"
#include "route/rule_warnings.h"

namespace waypost::route {
namespace {

constexpr std::uint64_t kDay = 86'400;
// RFC 5321 4.5.4.1: "the give-up time generally needs to be at least 4-5 days". A weekend without a
// server is what a message has to survive.
constexpr std::uint64_t kShortest = 2 * kDay;
// As the queue manager waits where `retry` is empty.
constexpr std::uint64_t kWaitWithoutRetry = 3600;

std::string seconds_text(std::uint64_t seconds) {
  return duration_text(seconds * 1000);
}

class SettingsWarnings {
public:
  SettingsWarnings(const Settings& settings, const KeyLines& lines, Complaints& warnings)
      : settings_(settings),
        lines_(lines),
        warnings_(warnings) {}

  void run() {
    if (!first_waits()) give_up();
    delay_notice();
  }

private:
  [[nodiscard]] const unsigned* line_of(std::string_view key) const {
    const auto found = lines_.find(key);
    return found == lines_.end() ? nullptr : &found->second;
  }

  // A message that expires before the second wait is over has two attempts, whatever retry says.
  bool first_waits() {
    const unsigned* const line = line_of("expire_after");
    const auto& retry = settings_.retry_s;
    if (line == nullptr || retry.size() < 2 || settings_.expire_after_s >= retry[0] + retry[1]) {
      return false;
    }
    const std::uint64_t last = last_attempt(settings_);
    warnings_.add(
        *line, "expire_after: a message expires after " + seconds_text(settings_.expire_after_s) +
                   ", before the first waits of retry are over: attempt " + std::to_string(last) +
                   " is its last; leave expire_after out, and the sum of retry holds");
    return true;
  }

  void give_up() {
    if (settings_.expire_after_s >= kShortest) return;
    const unsigned* const expire = line_of("expire_after");
    const unsigned* const line = expire != nullptr ? expire : line_of("retry");
    if (line == nullptr) return;
    warnings_.add(*line, std::string(expire != nullptr ? "expire_after" : "retry") +
                             ": a message goes back after " +
                             seconds_text(settings_.expire_after_s) +
                             ", and a server may be down for a weekend; RFC 5321 4.5.4.1 wants 4 "
                             "to 5 days, as the default does");
  }

  void delay_notice() {
    const unsigned* const line = line_of("delay_notice_after");
    if (line == nullptr || settings_.delay_notice_after_s == 0 ||
        settings_.delay_notice_after_s < settings_.expire_after_s) {
      return;
    }
    warnings_.add(*line, "delay_notice_after: no sender is ever told of a delay, since a message "
                         "goes back after " +
                             seconds_text(settings_.expire_after_s) +
                             "; write a shorter time, or \"0s\" if that is meant");
  }

  const Settings& settings_;
  const KeyLines& lines_;
  Complaints& warnings_;
};

bool takes_all(const RouteRule& rule) {
  return rule.level == RouteLevel::global && rule.from.empty() && rule.to.empty() &&
         rule.attempt <= 1 && rule.after.empty();
}

void warn_of_unused(const Snapshot& snapshot, const Origins& origins, Complaints& warnings) {
  const std::set<std::string_view> used = used_transports(snapshot);
  for (std::size_t i = 0; i < snapshot.transports.size(); ++i) {
    const std::string& name = snapshot.transports[i].name;
    if (origins.transports[i].line == 0 || used.contains(name)) continue;
    warnings.add(origins.transports[i].line,
                 "transport " + quoted(name) +
                     " is used by no rule: only waypost kick --transport leads to it; write a "
                     "[[route]] with transport = " +
                     quoted(name) + ", or remove it");
  }
}

// Where none is named, PLAIN and LOGIN are what most servers have.
bool all_show_secrets(const std::vector<std::string>& mechanisms) {
  return std::ranges::all_of(mechanisms, [](const std::string& one) {
    return !one.starts_with("SCRAM-") && one != "CRAM-MD5";
  });
}

// waypost-sasl(8): PLAIN and LOGIN show the password, and many servers offer nothing else.
void warn_of_logins(const Snapshot& snapshot, const Origins& origins, Complaints& warnings) {
  for (std::size_t i = 0; i < snapshot.transports.size(); ++i) {
    const Transport& one = snapshot.transports[i];
    const bool shows = one.tls == TlsPolicy::verified || one.cleartext_auth;
    if (shows || one.credential.empty() || !all_show_secrets(one.mechanisms) ||
        one.type == TransportType::socks || is_local(one.type))
      continue;
    warnings.add(origins.transports[i].line_of("credential"),
                 "transport " + quoted(one.name) + ": with tls = " + quoted(name(one.tls)) +
                     " a login may not show the password, so that PLAIN and LOGIN are not used, "
                     "and many servers have no other; write tls = \"verified\", or name "
                     "mechanisms that hide it and that the server has");
  }
}

} // namespace

std::set<std::string_view> used_transports(const Snapshot& snapshot) {
  std::set<std::string_view> used{kLocalTransport, kRootTransport, kAliasesTransport};
  for (const RouteRule& rule : snapshot.routes)
    used.insert(rule.transport);
  // What no rule takes goes directly.
  if (std::ranges::none_of(snapshot.routes, takes_all)) used.insert("direct");
  return used;
}

std::uint64_t last_attempt(const Settings& settings) {
  std::uint64_t age = 0;
  std::uint64_t number = 1;
  std::uint64_t wait = kWaitWithoutRetry;
  for (const std::uint64_t one : settings.retry_s) {
    if (age >= settings.expire_after_s) return number;
    wait = one;
    age += one;
    ++number;
  }
  if (age >= settings.expire_after_s) return number;
  // The last wait repeats.
  return number + (settings.expire_after_s - age + wait - 1) / wait;
}

std::vector<Complaint> warnings_of(const Snapshot& snapshot, const Origins& origins) {
  Complaints warnings;
  SettingsWarnings(snapshot.settings, origins.settings, warnings).run();
  warn_of_unused(snapshot, origins, warnings);
  warn_of_logins(snapshot, origins, warnings);
  warn_of_rules(snapshot, origins.rules, warnings);
  return warnings.sorted();
}

} // namespace waypost::route
