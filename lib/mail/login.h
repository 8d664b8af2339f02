// Logins: what waypost-sasl, the oracle, is told and asked, and what it answers; the format on its
// sockets, and of its lines as a filter (waypost-pipes(5)).
//
// deliver -> oracle, with one end of a new sender's socket beside it; the filter's first line
//   type=scope    fixes to what the logins on that socket are, and what may be shown to whom
// sender -> oracle; `login` is a number of the sender's choice for one AUTH command
//   type=begin      the server offers these mechanisms, over TLS of this version, or none
//   type=challenge  the server's 334, as it came: base64
//   type=accepted   the server's 235
//   type=refused    the server's 5yz to AUTH, or to a response
//   type=dropped    no more of this login
// oracle -> sender, one answer to each query but `dropped`
//   type=auth       send AUTH with this mechanism, and with `initial` where it stands
//   type=response   send this line
//   type=proven     the server has said all that the mechanism demands: go on with the mail
//   type=cancel     send "*" (RFC 4954 4), `text` says why; after `accepted`: trust nothing, leave
//   type=refused    this login cannot be begun, `text` says why; after a refusal: that is all
//   type=again      after a refusal: what was shown is out of date, another may be begun
//
// What the sender says is believed of itself alone: it talks with the world. All responses are in
// base64 as they go on the wire; an empty one is an empty field, which is not the same as none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/mail/record.h"
#include "lib/mail/snapshot.h"

namespace waypost {

struct LoginScope {
  std::string transport;
  std::string host;
  std::uint16_t port = 0;
  std::string user;
  std::string credential;              // in the sealed store; empty: only EXTERNAL needs none
  std::vector<std::string> mechanisms; // those that are configured; empty: the strongest
  TlsPolicy tls = TlsPolicy::off;      // what the sender is bound to
  bool cleartext_auth = false;
  bool operator==(const LoginScope&) const = default;
};

struct LoginQuery {
  enum class Kind : std::uint8_t { begin, challenge, accepted, refused, dropped };
  Kind kind = Kind::begin;
  std::uint64_t login = 0;
  // begin
  std::vector<std::string> offered; // mechanisms, as EHLO lists them
  bool tls = false;
  std::string binding_type; // "tls-exporter", "tls-server-end-point"; empty: there is none
  std::string binding;      // its bytes; on the pipe in hexadecimal digits
  // challenge
  std::string text;
  bool operator==(const LoginQuery&) const = default;
};

struct LoginAnswer {
  enum class Kind : std::uint8_t { auth, response, proven, cancel, refused, again };
  Kind kind = Kind::refused;
  std::uint64_t login = 0;
  std::string mechanism;              // auth
  std::optional<std::string> initial; // auth: what can be said before any challenge
  std::string text;                   // response, cancel, refused
  bool operator==(const LoginAnswer&) const = default;
};

[[nodiscard]] Record to_record(const LoginScope& scope);
[[nodiscard]] Result<LoginScope> login_scope(const Record& record);
[[nodiscard]] Record to_record(const LoginQuery& query);
[[nodiscard]] Result<LoginQuery> login_query(const Record& record);
[[nodiscard]] Record to_record(const LoginAnswer& answer);
[[nodiscard]] Result<LoginAnswer> login_answer(const Record& record);

// Whether a transport's senders log in at all: no other gets a socket to the oracle.
[[nodiscard]] bool logs_in(const Transport& transport);
[[nodiscard]] LoginScope scope_of(const Transport& transport);

// A bearer token may be long; a reply line is at most 4096 bytes.
inline constexpr std::size_t kMaxLoginFrame = std::size_t{32} << 10;
inline constexpr std::size_t kMaxOfferedMechanisms = 64;

} // namespace waypost
