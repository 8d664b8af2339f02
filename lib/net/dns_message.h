// DNS messages (RFC 1035 4): a query made, an answer taken apart, without I/O.
//
// An answer is hostile until proven otherwise: every length is checked, names are expanded by
// c-ares, at most kMostRecords are looked at, and a host name with bytes that no host name has is
// left out; when nothing is left then, it failed. NXDOMAIN, no data and failure are told apart:
// mail to a domain that does not exist bounces, mail to one whose servers are silent waits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/net/ip.h"
#include "lib/sys/error.h"

namespace waypost::net {

enum class DnsType : std::uint16_t { a = 1, ptr = 12, mx = 15, txt = 16, aaaa = 28 };

enum class DnsStatus : std::uint8_t {
  found,
  no_data,   // the name exists, without records of this type
  no_name,   // NXDOMAIN
  failed,    // SERVFAIL, REFUSED, a malformed answer, a loop of CNAMEs
  timed_out, // no server answered
};

struct MxHost {
  std::uint16_t preference = 0;
  std::string host; // lower case, no trailing dot; empty for "." (RFC 7505)
  bool operator==(const MxHost&) const = default;
};

struct DnsAnswer {
  DnsStatus status = DnsStatus::failed;
  std::string text;                 // why it failed, for people
  bool plain_only = false;          // the server does not understand EDNS: ask without
  std::string canonical;            // the name after following the answer's CNAMEs
  int cnames = 0;                   // how many were followed to it
  std::uint32_t ttl = 0;            // seconds; the least of the records used
  std::vector<MxHost> mx;           // of a found mx
  std::vector<IpAddress> addresses; // of a found a or aaaa
  std::vector<std::string> texts;   // of a found txt: the strings of each record, joined; any bytes
  std::vector<std::string> names;   // of a found ptr: lower case, no trailing dot
};

inline constexpr int kMostCnames = 16;
inline constexpr unsigned kMostRecords = 256;

// A recursive query of class IN, with EDNS (RFC 6891) or without. An error when `name` is no domain
// name. A byte that is not to be taken for a dot or a backslash has a backslash before it.
[[nodiscard]] Result<std::string> make_query(const std::string& name, DnsType type,
                                             std::uint16_t id, bool edns = true);

// What `message` answers to its question of that type. Id and question have been matched already.
[[nodiscard]] DnsAnswer read_answer(std::string_view message, DnsType type);

} // namespace waypost::net
