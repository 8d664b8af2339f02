#include "deliver/who_acts.h"

namespace waypost::deliver {
namespace {

// Asks the server without sending mail.
std::string how_to_test(const Transport& transport) {
  if (transport.credential.empty()) return "";
  return "; waypost credential test " + transport.credential + " tries it";
}

std::string who_must_act_for_proxy(const Transport& transport, FailureClass klass) {
  if (klass == FailureClass::auth) {
    return "look at the transport's user and credential, and at the proxy's users" +
           how_to_test(transport);
  }
  if (klass == FailureClass::dns) return "look at the transport's proxy, and at the resolver";
  return "look at the transport's proxy, at the network, and at that machine and its log";
}

} // namespace

std::string who_must_act(const Transport& transport, FailureClass klass) {
  if (transport.type == TransportType::socks) return who_must_act_for_proxy(transport, klass);
  switch (klass) {
  case FailureClass::auth:
    return "look at the transport's user and credential" + how_to_test(transport);
  case FailureClass::tls: return "look at the transport's tls, ca and pin, and at its certificate";
  case FailureClass::dns: return "look at the transport's host, and at the resolver";
  case FailureClass::blocked: return "ask who runs the host: it refuses this machine's address";
  case FailureClass::rate: return "lower the transport's connections or rate";
  case FailureClass::unreachable:
    return "look at the transport's host and port, at the network, and at that machine";
  case FailureClass::none:
  case FailureClass::greylisted:
  case FailureClass::mailbox:
  case FailureClass::content:
  case FailureClass::other: break;
  }
  return "ask who runs the host, with its answer";
}

std::string who_must_act(const Transport& transport, const Outcome& why) {
  const bool refused = why.code != 0 || transport.type == TransportType::socks;
  if (why.klass != FailureClass::auth || refused) return who_must_act(transport, why.klass);
  return "no server has refused the login: what is missing for it the reply says, and the log of "
         "this machine" +
         how_to_test(transport);
}

} // namespace waypost::deliver
