#include "route/effective.h"

#include "lib/sys/json.h"
#include "route/key.h"
#include "route/transports_section.h"

namespace waypost::route {
namespace {

template <class Target>
EffectiveKey keep(const Key<Target>& key, const Target& target, const KeyLines& lines) {
  EffectiveKey one{std::string(key.name), key.value(target), key.fallback, Source::standard, 0};
  const auto found = lines.find(key.name);
  if (found == lines.end()) return one;
  one.source = Source::file;
  one.line = found->second;
  return one;
}

EffectiveKey type_of(const Transport& transport, const TableOrigin& origin) {
  EffectiveKey one{"type", text_node(std::string(name(transport.type))), {}, Source::standard, 0};
  const auto found = origin.keys.find("type");
  if (found == origin.keys.end()) return one;
  one.source = Source::file;
  one.line = found->second;
  return one;
}

class TransportKeys {
public:
  TransportKeys(const Settings& settings, const KeyLines& defaults)
      : settings_(settings),
        defaults_(defaults),
        plain_(type_defaults(TransportType::direct, settings)) {}

  [[nodiscard]] EffectiveTable table(const Transport& transport, const TableOrigin& origin) const {
    const Transport built_in = type_defaults(transport.type, settings_);
    EffectiveTable table;
    table.transport = transport.name;
    table.header = "[transport." + json_string(transport.name) + "]";
    table.type = name(transport.type);
    table.line = origin.line;
    table.keys.push_back(type_of(transport, origin));
    for (const Key<Transport>& key : transport_keys()) {
      if (!key.types.has(transport.type)) continue;
      EffectiveKey one = keep(key, transport, origin.keys);
      if (one.source == Source::standard) from_elsewhere(key, built_in, one);
      table.keys.push_back(std::move(one));
    }
    return table;
  }

private:
  void from_elsewhere(const Key<Transport>& key, const Transport& built_in,
                      EffectiveKey& one) const {
    const auto found = defaults_.find(key.name);
    if (found != defaults_.end()) {
      one.source = Source::defaults;
      one.line = found->second;
    } else if (shown(key.value(built_in)) != shown(key.value(plain_))) {
      one.source = Source::type;
    }
  }

  static std::string shown(const std::optional<Node>& value) {
    return value ? written(*value) : std::string();
  }

  const Settings& settings_;
  const KeyLines& defaults_;
  Transport plain_;
};

EffectiveTable domain_table(const SenderDomain& domain, const TableOrigin& origin) {
  EffectiveTable table;
  table.header = "[domain." + json_string(domain.name) + "]";
  table.domain = domain.name;
  table.line = origin.line;
  for (const Key<SenderDomain>& key : domain_keys())
    table.keys.push_back(keep(key, domain, origin.keys));
  return table;
}

EffectiveTable account_table(const SenderAccount& account, const TableOrigin& origin) {
  EffectiveTable table;
  table.header = "[account." + json_string(account.name) + "]";
  table.account = account.name;
  table.line = origin.line;
  for (const Key<SenderAccount>& key : account_keys())
    table.keys.push_back(keep(key, account, origin.keys));
  return table;
}

EffectiveTable rule_table(const RouteRule& rule, const TableOrigin& origin) {
  EffectiveTable table;
  switch (rule.level) {
  case RouteLevel::account:
    table.header = "account." + json_string(rule.key) + ".route";
    table.account = rule.key;
    break;
  case RouteLevel::domain:
    table.header = "domain." + json_string(rule.key) + ".route";
    table.domain = rule.key;
    break;
  case RouteLevel::global: table.header = "route"; break;
  }
  table.header = "[[" + table.header + "]]";
  table.line = origin.line;
  for (const Key<RouteRule>& key : rule_keys()) {
    EffectiveKey one = keep(key, rule, origin.keys);
    if (one.value) table.keys.push_back(std::move(one));
  }
  return table;
}

} // namespace

Effective effective(const Configuration& configuration) {
  const Snapshot& snapshot = configuration.snapshot;
  const Origins& origins = configuration.origins;
  Effective all;
  for (const Key<Settings>& key : settings_keys())
    all.settings.push_back(keep(key, snapshot.settings, origins.settings));
  const TransportKeys transports(snapshot.settings, origins.defaults);
  for (std::size_t i = 0; i < snapshot.transports.size(); ++i)
    all.transports.push_back(transports.table(snapshot.transports[i], origins.transports[i]));
  for (std::size_t i = 0; i < snapshot.domains.size(); ++i)
    all.domains.push_back(domain_table(snapshot.domains[i], origins.domains[i]));
  for (std::size_t i = 0; i < snapshot.accounts.size(); ++i)
    all.accounts.push_back(account_table(snapshot.accounts[i], origins.accounts[i]));
  for (std::size_t i = 0; i < snapshot.routes.size(); ++i)
    all.rules.push_back(rule_table(snapshot.routes[i], origins.rules[i]));
  return all;
}

} // namespace waypost::route
