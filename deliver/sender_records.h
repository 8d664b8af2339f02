// The records that a sender and waypost-deliver exchange beside jobs and results (lib/mail/job.h).
//
// sender -> deliver
//   type=tls    TLS was met: the next sender of this transport is forked with it ready
//   type=down outcome= class= code= status= reply=
//               the destination failed as a whole; goes before the results that this has caused
//   type=up     after down, or after a start with failing=1: it has answered a message again
//   type=proxy news= outcome= class= code= status= reply=
//               for type socks, after each try: news=reached (without an outcome), not_reached (the
//               proxy could not reach the host), no_ipv4 or no_ipv6 (it does not take such
//               addresses), at_fault (nobody can be reached by it)
//   type=hosts mx= address=...   the best MX and all addresses that it may connect to
//   type=open address=...        answer to shared: the address of each connection that there is
//   type=want address=           after that: one more, please
//   type=closed address=         one less
//   type=leaving                 it has begun nothing that it has not ended, and cannot log in any
//                more; what else it has been given it throws away, until deliver closes
// deliver -> sender, first of all, where the transport logs in
//   type=oracle     beside it as a descriptor the line to waypost-sasl (lib/mail/login.h)
// deliver -> sender, in answer to hosts or later
//   type=alone      nobody else has one of these: no word for a connection
//   type=shared     somebody has
//   type=permit address=         for a want
//   type=yield address=          close one, to that address if there is one, within ten messages
#pragma once

#include <optional>

#include "lib/mail/outcome.h"
#include "lib/mail/record.h"

namespace waypost::deliver {

[[nodiscard]] Record down_record(const Outcome& outcome);
// None when the record is malformed, or when its outcome is not one that defers.
[[nodiscard]] std::optional<Outcome> down_outcome(const Record& record);

// What a try through the transport's proxy has shown.
enum class ProxyNews : std::uint8_t { reached, not_reached, no_ipv4, no_ipv6, at_fault };
// `outcome`: of one that has not reached its host.
[[nodiscard]] Record proxy_record(ProxyNews news, const Outcome* outcome = nullptr);
struct ProxyReport {
  ProxyNews news = ProxyNews::reached;
  Outcome outcome;
};
// None when the record is malformed.
[[nodiscard]] std::optional<ProxyReport> proxy_report(const Record& record);

} // namespace waypost::deliver
