// The keys that stand before the first table of waypost.toml, those of a sender's domain, and those
// of a rule.
#include "route/key.h"

#include "route/network_name.h"
#include "route/published_name.h"
#include "route/rewriting_rule.h"

namespace waypost::route {
namespace {

constexpr std::uint64_t kDay = 86'400;

// Of the two halves of queue_free_min, one that is not named does not hold.
Key<Settings> free_key() {
  Form<FreeMinimum> form = free_minimum();
  const ListPlace<Settings, FreeMinimum> place{
      [](Settings& settings) {
        settings.queue_free_min_bytes = 0;
        settings.queue_free_min_percent = 0;
      },
      [](Settings& settings, const FreeMinimum& least) {
        if (least.is_percent) {
          settings.queue_free_min_percent = static_cast<std::uint32_t>(least.value);
        } else {
          settings.queue_free_min_bytes = least.value;
        }
      },
      [](const Settings& settings) {
        return std::vector<FreeMinimum>{{true, settings.queue_free_min_percent},
                                        {false, settings.queue_free_min_bytes}};
      }};
  Key<Settings> key =
      list<Settings>("queue_free_min", form, "[\"5%\", \"64MB\"]", ListMay(), place);
  key.takes = form.takes;
  return key;
}

template <class Target>
Key<Target> texts(std::string_view name, const Form<std::string>& form,
                  std::vector<std::string> Target::* field) {
  return list<Target>(name, form, "", ListMay(), in_member(field));
}

template <class Target>
Key<Target> rewriting_key(std::string fallback) {
  return single<Target>(
      "from_rewrite",
      text("a mail address, or @ and a domain", "\"me@example.org\"", parse_rewriting),
      &Target::from_rewrite, std::move(fallback));
}

void add_local(std::vector<Key<Settings>>& keys) {
  keys.push_back(list<Settings>(
      "local_domains", text("a domain name", "\"example.org\"", parse_domain),
      "the host's own names: hostname, localhost, /etc/mailname and the system's name",
      {.be_empty = true}, in_member(&Settings::local_domains)));
  keys.push_back(single<Settings>("root_to",
                                  text("a mail address", "\"admin@example.org\"", parse_mailbox),
                                  &Settings::root_to, "a mailbox, by the transport \"root\""));
  Form<std::string> aliases = path();
  aliases.example = "\"/etc/aliases\"";
  keys.push_back(
      single<Settings>("alias_file", aliases, &Settings::alias_file, "\"/etc/aliases\""));
}

std::vector<Key<Settings>> make_settings_keys() {
  const auto ip = text("an IP address", "\"203.0.113.9\"", parse_ip);
  std::vector<Key<Settings>> keys;
  keys.push_back(single<Settings>("hostname",
                                  text("a domain name", "\"mail.example.org\"", parse_domain),
                                  &Settings::hostname, "/etc/mailname, else the system's name"));
  keys.push_back(single<Settings>(
      "postmaster", text("a mail address", "\"postmaster@example.org\"", parse_mailbox),
      &Settings::postmaster, "postmaster@ the hostname"));
  keys.push_back(list<Settings>(
      "retry", seconds(1, 30 * kDay, "\"7m30s\", \"15m\""),
      R"(["7m30s", "15m", "30m", "1h", "2h", "4h", "8h", "16h", "24h", "24h", "24h"])",
      {.repeat = true, .be_empty = true}, in_member(&Settings::retry_s)));
  keys.push_back(single<Settings>("delay_notice_after", seconds(0, 365 * kDay, "\"4h\""),
                                  &Settings::delay_notice_after_s, "\"4h\""));
  keys.push_back(single<Settings>("expire_after", seconds(1, 365 * kDay, "\"5d\""),
                                  &Settings::expire_after_s, "the sum of retry"));
  keys.push_back(
      texts("resolver",
            text("an IP address, with a port if it is not 53", "\"127.0.0.53\"", parse_resolver),
            &Settings::resolvers));
  keys.back().fallback = "those of /etc/resolv.conf";
  keys.push_back(single<Settings>("senders", number(1, 10'000, "200"), &Settings::senders, "200"));
  keys.push_back(single<Settings>("size_max", size(), &Settings::size_max, "\"100MB\""));
  keys.push_back(free_key());
  keys.push_back(single<Settings>("hops_max", number(1, 1000, "50"), &Settings::hops_max, "50"));
  keys.push_back(single<Settings>("remove_sync", one_of<bool>({{"off", false}, {"batch", true}}),
                                  &Settings::remove_sync_batch, "\"off\""));
  keys.push_back(texts("public_ips", ip, &Settings::public_ips));
  add_local(keys);
  keys.push_back(rewriting_key<Settings>(""));
  return keys;
}

std::vector<Key<SenderDomain>> make_domain_keys() {
  const auto selector = text("a DKIM selector", "\"mail2026\"", parse_selector);
  return {texts("dkim_selectors", selector, &SenderDomain::dkim_selectors),
          texts("dkim_sign", selector, &SenderDomain::dkim_sign)};
}

std::vector<FailureClass> listed(FailureClasses classes) {
  std::vector<FailureClass> all;
  for (int number = 1; number <= static_cast<int>(FailureClass::other); ++number) {
    const auto klass = static_cast<FailureClass>(number);
    if (classes.has(klass)) all.push_back(klass);
  }
  return all;
}

std::vector<Key<RouteRule>> make_rule_keys() {
  const auto pattern =
      text("a domain, with a leading dot for all below it too", "\".example.com\"", parse_pattern);
  std::vector<Key<RouteRule>> keys;
  keys.push_back(texts("from", pattern, &RouteRule::from));
  keys.push_back(texts("to", pattern, &RouteRule::to));
  for (Key<RouteRule>& key : keys)
    key.fallback = "any";
  keys.push_back(single<RouteRule>("attempt", number(1, 1000, "4"), &RouteRule::attempt, "any"));
  const ListPlace<RouteRule, FailureClass> after{
      [](RouteRule& rule) { rule.after = {}; },
      [](RouteRule& rule, FailureClass klass) { rule.after.add(klass); },
      [](const RouteRule& rule) { return listed(rule.after); }};
  keys.push_back(list<RouteRule>("after", failure_class(), "any", ListMay(), after));
  keys.push_back(single<RouteRule>("transport",
                                   text("a transport's name", "\"direct\"",
                                        [](std::string_view name) -> Parsed<std::string> {
                                          if (name.empty()) return std::unexpected("is empty");
                                          return std::string(name);
                                        }),
                                   &RouteRule::transport, ""));
  return keys;
}

} // namespace

const std::vector<Key<Settings>>& settings_keys() {
  static const std::vector<Key<Settings>> keys = make_settings_keys();
  return keys;
}

const std::vector<Key<SenderDomain>>& domain_keys() {
  static const std::vector<Key<SenderDomain>> keys = make_domain_keys();
  return keys;
}

const std::vector<Key<SenderAccount>>& account_keys() {
  static const std::vector<Key<SenderAccount>> keys{
      rewriting_key<SenderAccount>("that of the whole file")};
  return keys;
}

const std::vector<Key<RouteRule>>& rule_keys() {
  static const std::vector<Key<RouteRule>> keys = make_rule_keys();
  return keys;
}

} // namespace waypost::route
