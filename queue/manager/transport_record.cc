#include "queue/manager/transport_record.h"

namespace waypost::queue {
namespace {

std::string host_and_port(const Transport& transport) {
  const bool v6 = transport.host.find(':') != std::string::npos && transport.host.front() != '[';
  return (v6 ? "[" + transport.host + "]" : transport.host) + ":" + std::to_string(transport.port);
}

std::string target_of(const Transport& transport) {
  switch (transport.type) {
  case TransportType::smtp:
  case TransportType::submission:
  case TransportType::submissions: return host_and_port(transport);
  case TransportType::socks: return transport.proxy;
  case TransportType::maildir:
  case TransportType::mbox: return transport.path;
  case TransportType::lmtp:
    return transport.socket.empty() ? host_and_port(transport) : transport.socket;
  case TransportType::pipe: return transport.command.empty() ? "" : transport.command.front();
  case TransportType::aliases:
  case TransportType::direct:
  case TransportType::fail: break;
  }
  return {};
}

} // namespace

Record transport_record(const Transport& transport) {
  Record record;
  record.add("type", "transport").add("transport", transport.name);
  record.add("kind", name(transport.type)).add_some("target", target_of(transport));
  record.add_some("credential", transport.credential);
  return record;
}

} // namespace waypost::queue
