#include "route/configuration.h"

#include <array>
#include <numeric>

#include "lib/sys/nearest_word.h"
#include "lib/sys/netstring.h"
#include "route/accounts_section.h"
#include "route/domains_section.h"
#include "route/local_names.h"
#include "route/rules_section.h"
#include "route/section.h"
#include "route/transports_section.h"
#include "route/warnings.h"

namespace waypost::route {
namespace {

constexpr std::array<std::string_view, 5> kTables{"defaults", "transport", "domain", "account",
                                                  "route"};

bool is_table_name(std::string_view name) {
  return std::ranges::find(kTables, name) != kTables.end();
}

// What is said of the file as a whole, and of the keys before the first table.
Settings read_settings_keys(const Node& file, KeyLines& lines, Complaints& complaints) {
  Settings settings = default_settings();
  std::vector<std::string_view> known = names_of(settings_keys());
  known.insert(known.end(), kTables.begin(), kTables.end());
  for (const Entry& entry : file.entries) {
    if (is_table_name(entry.name)) continue;
    if (find_key(settings_keys(), entry.name) != nullptr) {
      take_key(settings_keys(), entry, settings, "the file", lines, complaints);
      continue;
    }
    std::string hint = belongs_elsewhere(entry.name, "the file");
    if (hint.empty()) hint = did_you_mean(entry.name, known);
    if (hint.empty()) hint = nearest_elsewhere(entry.name, "the file");
    if (hint.empty()) hint = "; waypost.toml(5) lists all keys";
    complaints.add(entry.line, "unknown key " + quoted(entry.name) + hint);
  }
  if (!lines.contains("postmaster")) settings.postmaster = "postmaster@" + settings.hostname;
  if (!lines.contains("local_domains")) settings.local_domains = own_names(settings.hostname);
  if (!lines.contains("alias_file")) settings.alias_file = default_alias_file();
  if (!lines.contains("expire_after")) {
    settings.expire_after_s =
        std::accumulate(settings.retry_s.begin(), settings.retry_s.end(), std::uint64_t{0});
  }
  return settings;
}

// Programs that start for each message read the settings with one read of bounded length.
void check_length(const Settings& settings, Complaints& complaints) {
  Settings with_generation = settings;
  with_generation.generation = UINT64_MAX;
  std::string framed;
  append_netstring(framed, to_record(with_generation).encode());
  if (framed.size() > kMaxSettingsBytes) {
    complaints.add(
        1, "the keys before the first table hold " + std::to_string(framed.size()) +
               " bytes in all; shorten retry, resolver, public_ips or local_domains to at most " +
               std::to_string(kMaxSettingsBytes));
  }
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

} // namespace

std::string belongs_elsewhere(std::string_view name, std::string_view section) {
  if (name == "password")
    return "; a password stands in no file: write credential = \"NAME\", and waypost credential "
           "add "
           "NAME asks for it";
  if (section != "the file" && (find_key(settings_keys(), name) != nullptr || name == "defaults")) {
    return "; it belongs to the whole file and must stand above the first line that begins with [";
  }
  if (find_key(transport_keys(), name) != nullptr || name == "type") {
    return "; it belongs in a [transport.NAME]" +
           std::string(name == "type" ? "" : ", or in [defaults] for all of them");
  }
  if (find_key(domain_keys(), name) != nullptr) {
    return "; it belongs in a [domain.\"NAME\"], the sender's";
  }
  if (find_key(rule_keys(), name) != nullptr) return "; it belongs in a [[route]]";
  return {};
}

std::string nearest_elsewhere(std::string_view name, std::string_view section) {
  std::vector<std::string_view> all;
  for (const auto& names : {names_of(settings_keys()), names_of(transport_keys()),
                            names_of(domain_keys()), names_of(rule_keys())})
    all.insert(all.end(), names.begin(), names.end());
  const std::optional<std::string_view> nearest = nearest_word(name, all);
  if (!nearest) return {};
  std::string place = belongs_elsewhere(*nearest, section); // "; it belongs ..."
  if (!place.empty()) place = " I" + place.substr(3);
  return "; did you mean " + quoted(*nearest) + "?" + place;
}

std::expected<Configuration, std::vector<Complaint>> read_configuration(std::string_view text,
                                                                        std::string_view path) {
  const std::expected<Node, Complaint> file = parse_document(text);
  if (!file) return std::unexpected(std::vector{file.error()});
  Complaints complaints;
  Configuration all;
  Snapshot& snapshot = all.snapshot;
  Origins& origins = all.origins;
  snapshot.settings = read_settings_keys(*file, origins.settings, complaints);
  snapshot.settings.source = path;
  check_length(snapshot.settings, complaints);
  snapshot.transports = read_transports(*file, snapshot.settings, origins, complaints);
  snapshot.domains = read_domains(*file, origins.domains, complaints);
  snapshot.accounts = read_accounts(*file, origins.accounts, complaints);
  snapshot.routes =
      read_rules(*file, base_name(path), snapshot.transports, origins.rules, complaints);
  if (!complaints.empty()) return std::unexpected(complaints.sorted());
  all.warnings = warnings_of(snapshot, origins);
  return all;
}

std::expected<Snapshot, std::vector<Complaint>> configure(std::string_view text,
                                                          std::string_view path) {
  auto all = read_configuration(text, path);
  if (!all) return std::unexpected(std::move(all.error()));
  return std::move(all->snapshot);
}

Configuration default_configuration() {
  Configuration all;
  Settings& settings = all.snapshot.settings;
  settings = default_settings();
  settings.local_domains = own_names(settings.hostname);
  settings.alias_file = default_alias_file();
  Complaints none;
  all.snapshot.transports = read_transports(Node(), all.snapshot.settings, all.origins, none);
  return all;
}

} // namespace waypost::route
