// The keys of [transport.NAME] and of [defaults].
#include "route/key.h"

#include "route/network_name.h"
#include "route/published_name.h"

namespace waypost::route {
namespace {

using enum TransportType;

constexpr Types kOneHost{smtp, submission, submissions};
constexpr Types kHost = kOneHost | Types{lmtp};
constexpr Types kLogin{smtp, submission, submissions, socks};
constexpr Types kPort{direct, smtp, submission, submissions, socks, lmtp};
constexpr Types kSocks{socks};
constexpr Types kFail{fail};
constexpr Types kLocal{maildir, mbox, lmtp, pipe, TransportType::aliases};
constexpr Types kMailbox{maildir, mbox};
constexpr Types kLmtp{lmtp};
constexpr Types kPipe{pipe};
// Those where something else than our own code delivers, and may take its time.
constexpr Types kTimed = kAllTypes | Types{lmtp, pipe, TransportType::aliases};

using Keys = std::vector<Key<Transport>>;

constexpr std::uint64_t kHourMs = 3'600'000;

Key<Transport> texts(std::string_view name, const Form<std::string>& form,
                     std::vector<std::string> Transport::* field, std::string fallback,
                     Types types = kAllTypes) {
  return list<Transport>(name, form, std::move(fallback), ListMay(), in_member(field), types);
}

Key<Transport> timeout(std::string_view name, std::uint64_t Timeouts::* field,
                       const std::string& fallback, Types types = kAllTypes,
                       std::uint64_t most = kHourMs) {
  const auto place = [=](auto& transport) -> auto& { return transport.timeouts.*field; };
  return single<Transport>(name, milliseconds(1, most, fallback), place, fallback, types);
}

Key<Transport> rate_key() {
  Form<Rate> form = rate();
  return {"rate",
          form.takes,
          "",
          kAllTypes | kLocal,
          [form](const Node& node, Transport& transport, Complaints& complaints) {
            const Parsed<Rate> value = form.parse(node);
            if (!value)
              return complain(complaints, "rate", node, value.error(), form, form.example);
            transport.rate = value->messages;
            transport.rate_period_s = value->period_s;
          },
          [form](const Transport& transport) {
            return form.write({transport.rate, transport.rate_period_s});
          }};
}

void add_addresses(Keys& keys) {
  const auto ip = text("an IP address", "\"203.0.113.9\"", parse_ip);
  const auto family = one_of<FamilyPolicy>({{"any", FamilyPolicy::any},
                                            {"ipv4", FamilyPolicy::ipv4},
                                            {"ipv6", FamilyPolicy::ipv6},
                                            {"prefer-ipv4", FamilyPolicy::prefer_ipv4},
                                            {"prefer-ipv6", FamilyPolicy::prefer_ipv6}});
  keys.push_back(single<Transport>(
      "helo", text("a domain name or an address literal", "\"out2.example.org\"", parse_helo),
      &Transport::helo, "hostname"));
  keys.push_back(texts("source", ip, &Transport::source, "the system's choice"));
  keys.push_back(single<Transport>("family", family, &Transport::family, "\"any\""));
}

void add_tls(Keys& keys) {
  const auto policy = one_of<TlsPolicy>({{"off", TlsPolicy::off},
                                         {"opportunistic", TlsPolicy::opportunistic},
                                         {"required", TlsPolicy::required},
                                         {"verified", TlsPolicy::verified}});
  keys.push_back(single<Transport>("tls", policy, &Transport::tls,
                                   "\"opportunistic\"; submission and submissions: \"verified\""));
  keys.push_back(single<Transport>("ca", path(), &Transport::ca, "the system's"));
  keys.push_back(texts("pin", public_key_pin(), &Transport::pin, ""));
  keys.push_back(single<Transport>("client_cert", path(), &Transport::client_cert, ""));
  keys.push_back(single<Transport>("client_key", path(), &Transport::client_key, ""));
}

void add_limits(Keys& keys) {
  keys.push_back(single<Transport>("connections", number(1, 10'000, "20"), &Transport::connections,
                                   "20; mbox: 1, other local types: 5", kAllTypes | kLocal));
  // A job is at most one frame of 2,000 recipients (lib/mail/job.h).
  keys.push_back(single<Transport>("recipients_per_message", number(1, 2'000, "100"),
                                   &Transport::recipients_per_message, "100"));
  keys.push_back(single<Transport>("messages_per_connection", number(1, 1'000'000, "100"),
                                   &Transport::messages_per_connection, "100"));
  keys.push_back(rate_key());
  keys.push_back(timeout("timeout_connect", &Timeouts::connect_ms, "\"30s\"", kAllTypes | kLmtp));
  keys.push_back(timeout("timeout_greeting", &Timeouts::greeting_ms, "\"5m\""));
  keys.push_back(timeout("timeout_command", &Timeouts::command_ms, "\"5m\"", kAllTypes | kLmtp));
  keys.push_back(timeout("timeout_data", &Timeouts::data_ms, "\"3m\""));
  keys.push_back(timeout("timeout_final", &Timeouts::final_ms, "\"10m\"", kTimed));
  keys.push_back(timeout("timeout_transaction", &Timeouts::transaction_ms, "\"30m\"", kAllTypes,
                         24 * kHourMs));
}

void add_mail(Keys& keys) {
  Form<std::string> null_sender =
      text("<> or a mail address", "\"bounces@example.org\"", parse_null_sender);
  null_sender.write = [](const std::string& value) {
    return text_node(value.empty() ? "<>" : value);
  };
  keys.push_back(single<Transport>("local_hosts", boolean(), &Transport::local_hosts, "false"));
  keys.push_back(single<Transport>("null_sender", null_sender, &Transport::null_sender, "\"<>\""));
  keys.push_back(single<Transport>("dkim", boolean(), &Transport::dkim, "true"));
  keys.push_back(texts("spf",
                       text("a domain, a range of addresses, or a mechanism of SPF",
                            "\"_spf.provider.example\"", parse_spf_mechanism),
                       &Transport::spf, ""));
}

void add_ways(Keys& keys) {
  const auto host =
      text("a host name or an IP address, without a port", "\"smtp.isp.example\"", parse_host);
  const auto proxy = text("a host and its port", "\"10.9.0.1:1080\"", parse_host_and_port);
  const auto ip = text("an IP address", "\"203.0.113.9\"", parse_ip);
  keys.push_back(single<Transport>("host", host, &Transport::host, "", kHost));
  keys.push_back(single<Transport>("port", number(1, 65535, "587"), &Transport::port,
                                   "25; submission: 587, submissions: 465, lmtp: 24", kPort));
  keys.push_back(single<Transport>("user", word(), &Transport::user,
                                   "local types: the recipient; lmtp: \"nobody\"",
                                   kLogin | kLocal));
  keys.push_back(
      single<Transport>("credential", credential_name(), &Transport::credential, "", kLogin));
  keys.push_back(texts("mechanisms", mechanism(), &Transport::mechanisms,
                       "the strongest that the server offers", kOneHost));
  keys.push_back(single<Transport>("cleartext_auth", boolean(), &Transport::cleartext_auth, "false",
                                   kOneHost));
  keys.push_back(single<Transport>("proxy", proxy, &Transport::proxy, "", kSocks));
  keys.push_back(single<Transport>("resolve", one_of<bool>({{"local", false}, {"proxy", true}}),
                                   &Transport::resolve_by_proxy, "\"local\"", kSocks));
  keys.push_back(texts("remote_ips", ip, &Transport::remote_ips, "", kSocks));
  // A reply that refuses for good (RFC 5321 4.2.1): nothing else ends a message's way.
  keys.push_back(
      single<Transport>("code", number(500, 599, "550"), &Transport::code, "550", kFail));
  keys.push_back(single<Transport>("text", line(), &Transport::text,
                                   "\"mail for this destination is refused by configuration\"",
                                   kFail));
}

void add_local(Keys& keys) {
  keys.push_back(single<Transport>("path", mailbox_path(), &Transport::path,
                                   "maildir: \"~/Maildir\"; mbox: \"/var/mail\"", kMailbox));
  keys.push_back(single<Transport>("socket", path(), &Transport::socket, "", kLmtp));
  keys.push_back(list<Transport>("command", argument(), "", {.repeat = true},
                                 in_member(&Transport::command), kPipe));
}

Keys make_keys() {
  Keys keys;
  add_addresses(keys);
  add_tls(keys);
  add_limits(keys);
  add_mail(keys);
  add_ways(keys);
  add_local(keys);
  return keys;
}

} // namespace

const std::vector<Key<Transport>>& transport_keys() {
  static const Keys keys = make_keys();
  return keys;
}

} // namespace waypost::route
