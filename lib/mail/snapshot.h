// Snapshot: the compiled configuration, waypost-snapshot(5). waypost-config writes it, every other
// program only reads it.
//
// A file of netstrings, each a record: first `type=settings`, then one `type=transport` for each
// transport ("direct" is always among them), one `type=domain` for each sender's domain of which
// more is known than its rules, one `type=route` for each rule in the order in which rules are
// tried, and last `type=end` with the CRC-32C of all bytes before it. It is replaced by rename, so
// a reader sees one generation or another, never a mixture. Names in it are checked: a reader may
// rely on it that every transport of a rule exists. No secret is ever in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/mail/outcome.h"
#include "lib/mail/record.h"

namespace waypost {

struct Settings {
  std::uint64_t generation =
      0;                // differs for each compilation; 0: no snapshot, these are the defaults
  std::string source;   // the file that was compiled
  std::string hostname; // EHLO, Message-ID, reporting MTA
  std::string postmaster;
  std::vector<std::uint64_t> retry_s;          // waits between attempts; N waits, N+1 attempts
  std::uint64_t delay_notice_after_s = 14'400; // 4 h; 0: none
  std::uint64_t expire_after_s = 0;            // of age
  std::vector<std::string> resolvers; // "127.0.0.53", "127.0.0.1:5300"; empty: /etc/resolv.conf
  std::uint32_t senders = 200;
  std::uint64_t size_max = 100'000'000;            // bytes of a message as handed in; 0: no limit
  std::uint64_t queue_free_min_bytes = 64'000'000; // accept refuses below either of these
  std::uint32_t queue_free_min_percent = 5;
  std::uint32_t hops_max = 50;
  bool remove_sync_batch = false;
  std::vector<std::string> public_ips;
  std::vector<std::string> local_domains; // whose mail ends on this machine; in normal form
  std::string root_to;                    // an address for root's mail where no alias says another
  std::string alias_file = "/etc/aliases";
  // In whose name the mail of local accounts leaves: "me@a.example", or "@a.example" for the domain
  // alone; empty: in that of the account.
  std::string from_rewrite;

  // The default of eleven waits: 7m30s, 15m, 30m, 1h, 2h, 4h, 8h, 16h, 24h, 24h, 24h.
  [[nodiscard]] static std::vector<std::uint64_t> default_retry();
};

// The settings' record with its frame is never longer, so that one read of the file's first bytes
// has it whole.
inline constexpr std::size_t kMaxSettingsBytes = 8192;

// What holds where nothing was configured; generation 0.
[[nodiscard]] Settings default_settings();

enum class TransportType : std::uint8_t {
  direct,
  smtp,
  submission,
  submissions,
  socks,
  fail,
  // Those that end on this machine, by way of waypost-lspawn.
  maildir,
  mbox,
  lmtp,
  pipe,
  aliases, // the commands and files that the alias file names
};
// Delivered here, one recipient at a time, under the recipient's uid or `user`.
[[nodiscard]] bool is_local(TransportType type);
[[nodiscard]] bool is_local_type(std::string_view name);

// Transports that are always there.
inline constexpr std::string_view kLocalTransport = "local"; // mailboxes of this machine's users
inline constexpr std::string_view kRootTransport = "root";   // root's, written by another user
inline constexpr std::string_view kAliasesTransport = "aliases"; // commands and files of aliases
enum class TlsPolicy : std::uint8_t { off, opportunistic, required, verified };
enum class FamilyPolicy : std::uint8_t { any, ipv4, ipv6, prefer_ipv4, prefer_ipv6 };

// RFC 5321 4.5.3.2, in milliseconds.
struct Timeouts {
  std::uint64_t connect_ms = 30'000;
  std::uint64_t greeting_ms = 300'000; // 4.5.3.2.1
  std::uint64_t command_ms = 300'000;  // 4.5.3.2.2, .3
  std::uint64_t data_ms = 180'000;     // 4.5.3.2.4, .5: between two blocks
  std::uint64_t final_ms = 600'000;    // 4.5.3.2.6: after the final dot
  std::uint64_t transaction_ms = 1'800'000;

  // From MAIL until the final dot is sent, which a server that keeps each deadline above could
  // stretch for days: a sixtieth more for each recipient and for each 30,000 bytes.
  [[nodiscard]] std::uint64_t whole_transaction_ms(std::uint64_t bytes,
                                                   std::uint64_t recipients) const {
    return transaction_ms + transaction_ms * (recipients + bytes / 30'000) / 60;
  }
};

struct Transport {
  std::string name;
  TransportType type = TransportType::direct;
  std::string helo;                // resolved: never empty
  std::vector<std::string> source; // addresses to connect from; empty: the system's choice
  FamilyPolicy family = FamilyPolicy::any;
  TlsPolicy tls = TlsPolicy::opportunistic;
  std::string ca;               // a file or folder; empty: the system's
  std::vector<std::string> pin; // "sha256//BASE64" of the public key (RFC 7469 2.4)
  std::string client_cert;
  std::string client_key;
  std::uint32_t connections = 20;
  std::uint32_t recipients_per_message = 100;
  std::uint32_t messages_per_connection = 100;
  std::uint32_t rate = 0; // messages in `rate_period_s`; 0: no limit
  std::uint32_t rate_period_s = 0;
  bool local_hosts = false;
  std::string null_sender; // in place of <>; empty: <>
  bool dkim = true;
  std::vector<std::string> spf; // mechanisms (RFC 7208 5) that its addresses match
  Timeouts timeouts;
  // smtp, submission, submissions
  std::string host;
  std::uint16_t port = 25; // direct and socks: of the MX hosts
  std::string user;
  std::string credential;
  std::vector<std::string> mechanisms;
  bool cleartext_auth = false;
  // socks
  std::string proxy;
  bool resolve_by_proxy = false;
  std::vector<std::string> remote_ips;
  // fail
  int code = 550;
  std::string text;
  // maildir, mbox, lmtp, pipe, aliases: `user` is who delivers; empty: the recipient
  std::string path;                 // "~/Maildir", or a folder that holds one mailbox for each user
  std::string socket;               // lmtp: a path; empty: host and port
  std::vector<std::string> command; // pipe: the program and its arguments
};

// A sender's domain, beside its rules.
struct SenderDomain {
  std::string name;                        // in normal form
  std::vector<std::string> dkim_selectors; // RFC 6376 3.1
  std::vector<std::string> dkim_sign;      // those whose keys sign its mail here
};

// An account, beside its rules.
struct SenderAccount {
  std::string name;         // "alice", "smtp:alice"
  std::string from_rewrite; // as in Settings
};

enum class RouteLevel : std::uint8_t { account, domain, global };

struct RouteRule {
  RouteLevel level = RouteLevel::global;
  std::string key;   // the account, or the sender's domain in normal form; empty for global
  std::string where; // "waypost.toml:41"
  std::vector<std::string>
      from; // domains in normal form; a leading dot: the domain and all below it; empty: any
  std::vector<std::string> to; // likewise; or an address literal
  std::uint32_t attempt = 0;   // from this attempt on; 0: any
  FailureClasses after;        // empty: any
  std::string transport;
};

struct Snapshot {
  Settings settings;
  std::vector<Transport> transports;
  std::vector<SenderDomain> domains;   // by name; those only that have something to say
  std::vector<SenderAccount> accounts; // likewise
  std::vector<RouteRule>
      routes; // account rules, then domain rules, then global, each in the file's order

  [[nodiscard]] const Transport* transport(std::string_view name) const;
  // What its mail is rewritten to; "" when it is not. Logins only by a table of their own.
  [[nodiscard]] const std::string& rewriting_of(std::string_view account) const;
  // Is there a key that signs any domain's mail?
  [[nodiscard]] bool signs() const;
};

[[nodiscard]] std::string encode_snapshot(const Snapshot& snapshot);
[[nodiscard]] Result<Snapshot> decode_snapshot(std::string_view bytes);

// A transport as it travels alone, from deliver to a sender.
[[nodiscard]] Record to_record(const Transport& transport);
[[nodiscard]] Result<Transport> transport_of(const Record& record);
[[nodiscard]] Record to_record(const Settings& settings);
[[nodiscard]] Result<Settings> settings_of(const Record& record);
[[nodiscard]] Record to_record(const SenderDomain& domain);
[[nodiscard]] Result<SenderDomain> domain_of(const Record& record);
[[nodiscard]] Record to_record(const SenderAccount& account);
[[nodiscard]] Result<SenderAccount> account_of(const Record& record);
[[nodiscard]] Record to_record(const RouteRule& rule);
[[nodiscard]] Result<RouteRule> rule_of(const Record& record);

// Reads and checks the file at `path`.
[[nodiscard]] Result<Snapshot> read_snapshot(const std::string& path);
// The settings alone, from the file's first bytes, for programs that start for each message.
// Defaults (generation 0, hostname from /etc/mailname or the system) when there is no snapshot:
// mail is accepted before anything was configured.
[[nodiscard]] Settings read_settings(const std::string& path);

// /etc/mailname, else the system's name; "localhost" when both are unusable.
[[nodiscard]] std::string system_hostname();

[[nodiscard]] std::string_view name(TransportType);
[[nodiscard]] std::optional<TransportType> parse_transport_type(std::string_view);
[[nodiscard]] std::string_view name(TlsPolicy);
[[nodiscard]] std::optional<TlsPolicy> parse_tls_policy(std::string_view);
[[nodiscard]] std::string_view name(FamilyPolicy);
[[nodiscard]] std::optional<FamilyPolicy> parse_family_policy(std::string_view);

} // namespace waypost
