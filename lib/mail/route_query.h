// Route queries: the format on the pipes between waypost-qmgr and waypost-route, which is a filter:
// queries in, answers out, in order.
//
// query   query=N account= from= to= attempt= classes= refused=... hand= refusal=
//         local= expanded=1
// answer  query=N generation= transport= type= destination= rule= recipients= code= text= class=
//         to=
//     or  query=N generation= ask=local
//         the domain is of this machine: ask once more, for each recipient, with local=
//     or  query=N generation= rule= member=... sender=
//         an alias of several, or one with an owner: they become a message
//     or  query=N generation= wait=REASON
//         no transport may be used now: the message waits; never "direct"
//     or  query=N generation= bounce=1
//         asked after a refusal for good, and no rule leads elsewhere
// A record `type=reload` on the query pipe makes the program read the snapshot again before the
// next query; it has no answer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/mail/outcome.h"
#include "lib/mail/record.h"

namespace waypost {

struct RouteQuery {
  std::uint64_t query = 0;
  std::string account; // "alice", "smtp:alice"
  std::string from; // sender's domain as given; empty for a null sender and for a bare local part
  std::string to; // recipient's domain as given, or an address literal; empty for a bare local part
  std::uint32_t attempt = 1; // the attempt that is about to be made: attempts made so far, plus one
  FailureClasses classes;    // that this recipient has failed with so far
  std::vector<std::string> refused; // transports that have refused this recipient for good
  std::string hand;                 // a transport set by hand; goes before all routes
  FailureClass refusal =
      FailureClass::none; // asked because a permanent failure of this class has just come
  std::string local;      // the recipient's local part as given; only where it was asked for
  bool expanded = false;  // the recipient came out of an alias: none is looked up for it
  bool operator==(const RouteQuery&) const = default;
};

struct RouteAnswer {
  std::uint64_t query = 0;
  std::uint64_t generation = 0;
  std::string transport; // its name; "direct" when no rule matched
  std::string type;      // direct, smtp, submission, submissions, socks, fail
  std::string
      destination; // what recipients are grouped by: for direct and socks the recipient's domain in
                   // normal form (lower case, A-labels, or a literal); for the others "host:port"
  std::string rule;               // "waypost.toml:41", "by hand", or "default" when no rule matched
  std::uint32_t recipients = 100; // recipients_per_message of the transport
  int code = 0;                   // type fail
  std::string text;
  FailureClass klass = FailureClass::other; // type fail
  std::string to; // an alias: the recipient is this address from now on; empty: as it was
  std::vector<std::string> members; // an alias of several: the addresses that it stands for
  std::string sender;               // members: who hears of their failures; empty: as it was
  bool ask_local = false;           // ask again with the local part
  std::string wait;                 // not empty: why nothing may be tried now
  bool bounce = false;
  bool operator==(const RouteAnswer&) const = default;
};

[[nodiscard]] Record to_record(const RouteQuery& query);
[[nodiscard]] Result<RouteQuery> route_query(const Record& record);
[[nodiscard]] Record to_record(const RouteAnswer& answer);
[[nodiscard]] Result<RouteAnswer> route_answer(const Record& record);

inline constexpr std::size_t kMaxRouteFrame = std::size_t{64} << 10; // of a query
inline constexpr std::size_t kMaxRouteAnswer = std::size_t{4} << 20; // of an answer
inline constexpr std::size_t kMaxAliasBytes = std::size_t{3} << 20;  // of all members' addresses

} // namespace waypost
