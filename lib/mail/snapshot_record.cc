// The records of a snapshot: one list of fields for each kind, from which it is written and read.
#include "lib/mail/snapshot.h"

#include <concepts>
#include <limits>

#include "lib/sys/text.h"

namespace waypost {
namespace {

std::string_view name(RouteLevel level) {
  switch (level) {
  case RouteLevel::account: return "account";
  case RouteLevel::domain: return "domain";
  case RouteLevel::global: return "global";
  }
  return {};
}

bool parse_word(std::string_view word, RouteLevel& level) {
  for (const RouteLevel one : {RouteLevel::account, RouteLevel::domain, RouteLevel::global}) {
    if (name(one) != word) continue;
    level = one;
    return true;
  }
  return false;
}

template <class Value>
bool take(std::optional<Value> parsed, Value& value) {
  if (parsed) value = *parsed;
  return parsed.has_value();
}

bool parse_word(std::string_view word, TransportType& type) {
  return take(parse_transport_type(word), type);
}

bool parse_word(std::string_view word, TlsPolicy& policy) {
  return take(parse_tls_policy(word), policy);
}

bool parse_word(std::string_view word, FamilyPolicy& policy) {
  return take(parse_family_policy(word), policy);
}

template <class T>
concept Word = std::is_enum_v<T>;

// Writer and Reader go through the same list of fields, so that what is written is what is read.
class Writer {
public:
  explicit Writer(std::string_view type) { record_.add("type", type); }
  Record take() { return std::move(record_); }

  void operator()(std::string_view key, const std::string& value) { record_.add_some(key, value); }
  void operator()(std::string_view key, const std::vector<std::string>& values) {
    for (const std::string& one : values)
      record_.add(key, one);
  }
  void operator()(std::string_view key, const std::vector<std::uint64_t>& values) {
    for (const std::uint64_t one : values)
      record_.add_number(key, one);
  }
  void operator()(std::string_view key, FailureClasses classes) {
    record_.add_some(key, classes.text());
  }
  void operator()(std::string_view key, std::integral auto value) {
    record_.add_number(key, static_cast<std::uint64_t>(value));
  }
  void operator()(std::string_view key, Word auto value) { record_.add(key, name(value)); }

private:
  Record record_;
};

// A field that is absent keeps its default; one that is not of its kind is an error.
class Reader {
public:
  explicit Reader(const Record& record) : record_(record) {}
  [[nodiscard]] Result<> result() const {
    if (bad_.empty()) return {};
    return fail("snapshot: bad " + std::string(record_.get("type")) + ": " + bad_);
  }

  void operator()(std::string_view key, std::string& value) { value = record_.get(key); }
  void operator()(std::string_view key, std::vector<std::string>& values) {
    each(key, [&](std::string_view text) { return values.emplace_back(text), true; });
  }
  void operator()(std::string_view key, std::vector<std::uint64_t>& values) {
    each(key, [&](std::string_view text) {
      const auto number = parse_number(text);
      values.push_back(number.value_or(0));
      return number.has_value();
    });
  }
  void operator()(std::string_view key, FailureClasses& classes) {
    each(key, [&](std::string_view text) {
      return waypost::take(FailureClasses::parse(text), classes);
    });
  }
  template <std::integral T>
  void operator()(std::string_view key, T& value) {
    each(key, [&](std::string_view text) {
      const auto most = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
      const auto number = parse_number(text, most);
      value = static_cast<T>(number.value_or(0));
      return number.has_value();
    });
  }
  void operator()(std::string_view key, Word auto& value) {
    each(key, [&](std::string_view text) { return parse_word(text, value); });
  }

private:
  template <class Take>
  void each(std::string_view key, Take take_one) {
    for (std::size_t i = 0; i < record_.size(); ++i) {
      const Record::Field field = record_.field(i);
      if (field.key == key && !take_one(field.value)) bad_ = key;
    }
  }

  const Record& record_;
  std::string bad_;
};

void fields(auto&& on, auto& settings) {
  on("generation", settings.generation);
  on("source", settings.source);
  on("hostname", settings.hostname);
  on("postmaster", settings.postmaster);
  on("retry", settings.retry_s);
  on("delay_notice_after", settings.delay_notice_after_s);
  on("expire_after", settings.expire_after_s);
  on("resolver", settings.resolvers);
  on("senders", settings.senders);
  on("size_max", settings.size_max);
  on("queue_free_min_bytes", settings.queue_free_min_bytes);
  on("queue_free_min_percent", settings.queue_free_min_percent);
  on("hops_max", settings.hops_max);
  on("remove_sync_batch", settings.remove_sync_batch);
  on("public_ip", settings.public_ips);
  on("local_domain", settings.local_domains);
  on("root_to", settings.root_to);
  on("alias_file", settings.alias_file);
  on("from_rewrite", settings.from_rewrite);
}

void timeout_fields(auto&& on, auto& timeouts) {
  on("timeout_connect_ms", timeouts.connect_ms);
  on("timeout_greeting_ms", timeouts.greeting_ms);
  on("timeout_command_ms", timeouts.command_ms);
  on("timeout_data_ms", timeouts.data_ms);
  on("timeout_final_ms", timeouts.final_ms);
  on("timeout_transaction_ms", timeouts.transaction_ms);
}

// What only some types of transport have.
void own_fields(auto&& on, auto& transport) {
  on("host", transport.host);
  on("port", transport.port);
  on("user", transport.user);
  on("credential", transport.credential);
  on("mechanism", transport.mechanisms);
  on("cleartext_auth", transport.cleartext_auth);
  on("proxy", transport.proxy);
  on("resolve_by_proxy", transport.resolve_by_proxy);
  on("remote_ip", transport.remote_ips);
  on("code", transport.code);
  on("text", transport.text);
  on("path", transport.path);
  on("socket", transport.socket);
  on("argument", transport.command);
}

void transport_fields(auto&& on, auto& transport) {
  on("name", transport.name);
  on("kind", transport.type);
  on("helo", transport.helo);
  on("source", transport.source);
  on("family", transport.family);
  on("tls", transport.tls);
  on("ca", transport.ca);
  on("pin", transport.pin);
  on("client_cert", transport.client_cert);
  on("client_key", transport.client_key);
  on("connections", transport.connections);
  on("recipients_per_message", transport.recipients_per_message);
  on("messages_per_connection", transport.messages_per_connection);
  on("rate", transport.rate);
  on("rate_period", transport.rate_period_s);
  on("local_hosts", transport.local_hosts);
  on("null_sender", transport.null_sender);
  on("dkim", transport.dkim);
  on("spf", transport.spf);
  timeout_fields(on, transport.timeouts);
  own_fields(on, transport);
}

void domain_fields(auto&& on, auto& domain) {
  on("name", domain.name);
  on("dkim_selector", domain.dkim_selectors);
  on("dkim_sign", domain.dkim_sign);
}

void account_fields(auto&& on, auto& account) {
  on("name", account.name);
  on("from_rewrite", account.from_rewrite);
}

void rule_fields(auto&& on, auto& rule) {
  on("level", rule.level);
  on("key", rule.key);
  on("where", rule.where);
  on("from", rule.from);
  on("to", rule.to);
  on("attempt", rule.attempt);
  on("after", rule.after);
  on("transport", rule.transport);
}

} // namespace

Result<RouteRule> rule_of(const Record& record) {
  RouteRule rule;
  Reader reader(record);
  rule_fields(reader, rule);
  const Result<> read = reader.result();
  if (!read) return std::unexpected(read.error());
  if (rule.where.empty() || (rule.level == RouteLevel::global) != rule.key.empty()) {
    return fail("snapshot: bad route: no place, or a key that does not fit its level");
  }
  return rule;
}

Record to_record(const RouteRule& rule) {
  Writer writer("route");
  rule_fields(writer, rule);
  return writer.take();
}

Result<SenderDomain> domain_of(const Record& record) {
  SenderDomain domain;
  Reader reader(record);
  domain_fields(reader, domain);
  if (domain.name.empty()) return fail("snapshot: a domain without a name");
  return domain;
}

Record to_record(const SenderDomain& domain) {
  Writer writer("domain");
  domain_fields(writer, domain);
  return writer.take();
}

Result<SenderAccount> account_of(const Record& record) {
  SenderAccount account;
  Reader reader(record);
  account_fields(reader, account);
  if (account.name.empty()) return fail("snapshot: an account without a name");
  return account;
}

Record to_record(const SenderAccount& account) {
  Writer writer("account");
  account_fields(writer, account);
  return writer.take();
}

Record to_record(const Transport& transport) {
  Writer writer("transport");
  transport_fields(writer, transport);
  return writer.take();
}

Result<Transport> transport_of(const Record& record) {
  Transport transport;
  Reader reader(record);
  transport_fields(reader, transport);
  const Result<> read = reader.result();
  if (!read) return std::unexpected(read.error());
  if (transport.name.empty()) return fail("snapshot: a transport without a name");
  if (transport.connections == 0 || transport.recipients_per_message == 0 ||
      transport.messages_per_connection == 0 || transport.code > 599) {
    return fail("snapshot: a number is out of range in transport " + printable(transport.name));
  }
  return transport;
}

Record to_record(const Settings& settings) {
  Writer writer("settings");
  fields(writer, settings);
  return writer.take();
}

Result<Settings> settings_of(const Record& record) {
  if (record.get("type") != "settings") return fail("snapshot: it must begin with its settings");
  Settings settings;
  Reader reader(record);
  fields(reader, settings);
  const Result<> read = reader.result();
  if (!read) return std::unexpected(read.error());
  if (settings.generation == 0 || settings.hostname.empty()) {
    return fail("snapshot: no generation or no hostname");
  }
  return settings;
}

} // namespace waypost
