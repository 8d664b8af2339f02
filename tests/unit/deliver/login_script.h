// Logins on the wire: a test plays the server, and beside it the oracle.
#pragma once

#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/scripted_server.h"

namespace waypost::test {

using Kind = LoginAnswer::Kind;

inline LoginAnswer answer(Kind kind, std::string text = "") {
  LoginAnswer one;
  one.kind = kind;
  one.text = std::move(text);
  return one;
}

inline LoginAnswer auth(std::string mechanism, std::optional<std::string> initial = std::nullopt) {
  LoginAnswer one;
  one.kind = Kind::auth;
  one.mechanism = std::move(mechanism);
  one.initial = std::move(initial);
  return one;
}

// An oracle that begins so, answers each challenge with its own text behind a "+", and believes
// all.
inline Delivery::Oracle believing(LoginAnswer begun) {
  return [begun](const LoginQuery& query) -> std::optional<LoginAnswer> {
    switch (query.kind) {
    case LoginQuery::Kind::begin: return begun;
    case LoginQuery::Kind::challenge: return answer(Kind::response, "+" + query.text);
    case LoginQuery::Kind::refused: return answer(Kind::refused);
    case LoginQuery::Kind::accepted:
    case LoginQuery::Kind::dropped: break;
    }
    return answer(Kind::proven);
  };
}

// The same, and what the sender began with is kept in `first`.
inline Delivery::Oracle believing(LoginAnswer begun, LoginQuery& first) {
  return [oracle = believing(std::move(begun)), &first](const LoginQuery& query) {
    if (query.kind == LoginQuery::Kind::begin) first = query;
    return oracle(query);
  };
}

inline Transport login_to(std::uint16_t port) {
  Transport transport = smarthost(port);
  transport.tls = TlsPolicy::off;
  transport.user = "user";
  transport.credential = "ses";
  return transport;
}

inline std::vector<JobResult> attempt(Transport transport, Delivery::Oracle oracle) {
  Delivery delivery(std::move(transport));
  if (oracle) delivery.connect_oracle(std::move(oracle));
  delivery.give(job_for({}), Letter().text);
  return delivery.results();
}

inline std::vector<JobResult> attempt(const ScriptedServer& server, Delivery::Oracle oracle) {
  return attempt(login_to(server.port()), std::move(oracle));
}

inline void greet(Script& peer) {
  peer.greet("250-test\r\n250-PIPELINING\r\n250 AUTH PLAIN CRAM-MD5\r\n");
}

inline std::string reply_of(const std::vector<JobResult>& results) {
  return results.empty() ? "(none)" : results.back().transaction.groups[0].outcome.reply;
}

} // namespace waypost::test
