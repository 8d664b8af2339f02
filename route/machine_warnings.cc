#include "route/machine_warnings.h"

#include <cerrno>
#include <set>
#include <string_view>
#include <sys/stat.h>

#include "lib/sys/set_id.h"
#include "route/warnings.h"

namespace waypost::route {
namespace {

bool missing(const std::string& path) {
  struct stat st{};
  return ::stat(path.c_str(), &st) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

class MachineWarnings {
public:
  explicit MachineWarnings(const std::string& etc) : etc_(etc) {}

  void look_at(const Settings& settings, const KeyLines& lines) {
    const auto line = lines.find("alias_file");
    if (line != lines.end() && missing(settings.alias_file))
      warnings_.add(line->second, "alias_file: " + settings.alias_file + " does not exist");
  }

  // One's own smarthost may not mind; strangers do.
  void look_at_name(const Snapshot& snapshot, const Origins& origins) {
    const std::set<std::string_view> used = used_transports(snapshot);
    for (std::size_t i = 0; i < snapshot.transports.size(); ++i) {
      const Transport& one = snapshot.transports[i];
      const bool to_strangers = used.contains(one.name) && (one.type == TransportType::direct ||
                                                            one.type == TransportType::socks);
      if (!to_strangers || one.helo.find_first_of(".[") != std::string::npos) continue;
      const auto line = origins.settings.find("hostname");
      const unsigned own = origins.transports[i].line_of("helo");
      const bool named = one.helo != snapshot.settings.hostname;
      const unsigned of_hostname = line == origins.settings.end() ? 1 : line->second;
      warnings_.add(named ? own : of_hostname,
                    std::string(named ? "helo" : "hostname") + ": other servers hear the name " +
                        quoted(one.helo) +
                        ", which has no domain, and many refuse such mail; "
                        "write the name that DNS has for this machine, as in \"mail.example.org\"");
      return; // once is enough
    }
  }

  void look_at(const SenderDomain& domain, const TableOrigin& origin) {
    for (const std::string& selector : domain.dkim_sign)
      look_for_key(domain.name, selector, origin.line_of("dkim_sign"));
  }

  void look_at(const Transport& transport, const TableOrigin& origin) {
    const std::string& name = transport.credential;
    if (!name.empty() && missing(etc_ + "/credentials/" + name + ".sealed")) {
      warnings_.add(origin.line_of("credential"),
                    "credential: there is none named " + quoted(name) + ", and mail by transport " +
                        quoted(transport.name) + " waits until there is; waypost credential add " +
                        name + " asks for it");
    }
    look_for(origin, "ca", transport.ca);
    look_for(origin, "client_cert", transport.client_cert);
    look_for(origin, "client_key", transport.client_key);
    if (!transport.command.empty()) {
      look_for(origin, "command", transport.command.front(),
               transport.command.front().find(' ') == std::string::npos
                   ? ""
                   : "; each argument is a text of its own, as in command = [\"/bin/cat\", "
                     "\"-v\"]");
      look_at_rights(origin, transport.command.front());
    }
  }

  [[nodiscard]] std::vector<Complaint> sorted() const { return warnings_.sorted(); }

private:
  void look_for_key(const std::string& domain, const std::string& selector, unsigned line) {
    const std::string key = etc_ + "/dkim/" + domain + '/' + selector + ".pem";
    if (!missing(key)) return;
    warnings_.add(line, "dkim_sign: there is no key " + key + ", and mail of " + domain +
                            " waits until there is; waypost dkimsign keygen " + domain + ' ' +
                            selector + " makes it");
  }

  void look_for(const TableOrigin& origin, std::string_view key, const std::string& path,
                std::string_view hint = "") {
    if (path.empty() || path.front() != '/' || !missing(path)) return;
    warnings_.add(origin.line_of(key),
                  std::string(key) + ": " + path + " does not exist" + std::string(hint));
  }

  void look_at_rights(const TableOrigin& origin, const std::string& program) {
    const std::string bits = set_id_bits(program);
    if (bits.empty()) return;
    warnings_.add(origin.line_of("command"),
                  "command: " + program + " is " + bits +
                      ", which has no effect here: it has the rights of its user alone; name a "
                      "user who may do what it does, or another program");
  }

  const std::string& etc_;
  Complaints warnings_;
};

} // namespace

std::vector<Complaint> machine_warnings(const Snapshot& snapshot, const Origins& origins,
                                        const std::string& etc) {
  MachineWarnings warnings(etc);
  warnings.look_at(snapshot.settings, origins.settings);
  warnings.look_at_name(snapshot, origins);
  for (std::size_t i = 0; i < snapshot.domains.size(); ++i)
    warnings.look_at(snapshot.domains[i], origins.domains[i]);
  for (std::size_t i = 0; i < snapshot.transports.size(); ++i)
    warnings.look_at(snapshot.transports[i], origins.transports[i]);
  return warnings.sorted();
}

} // namespace waypost::route
