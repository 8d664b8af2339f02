#include "deliver/start.h"

#include <utility>

namespace waypost::deliver {

std::array<Record, 3> to_records(const Start& start) {
  Record first;
  first.add("type", "start").add("destination", start.destination);
  if (start.prepared) first.add("prepared", "1");
  if (start.proven) first.add("proven", "1");
  if (start.failing) first.add("failing", "1");
  return {std::move(first), to_record(start.settings), to_record(start.transport)};
}

Result<std::optional<Start>> StartReader::take(const Record& record) {
  switch (taken_++) {
  case 0:
    if (record.get("type") != "start") return fail("start: unexpected record");
    start_ = {};
    start_.destination = record.get("destination");
    start_.prepared = record.get("prepared") == "1";
    start_.proven = record.get("proven") == "1";
    start_.failing = record.get("failing") == "1";
    return std::nullopt;
  case 1: {
    Result<Settings> settings = settings_of(record);
    if (!settings) return std::unexpected(settings.error());
    start_.settings = std::move(*settings);
    return std::nullopt;
  }
  default: {
    Result<Transport> transport = transport_of(record);
    if (!transport) return std::unexpected(transport.error());
    start_.transport = std::move(*transport);
    taken_ = 0;
    return std::exchange(start_, {});
  }
  }
}

net::TlsTrust trust_of(const Transport& transport) {
  net::TlsTrust trust;
  trust.verify = transport.tls == TlsPolicy::verified;
  trust.ca = transport.ca;
  trust.pins = transport.pin;
  trust.client_cert = transport.client_cert;
  trust.client_key = transport.client_key;
  return trust;
}

} // namespace waypost::deliver
