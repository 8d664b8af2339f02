#include "spfcheck/special_purpose.h"

#include <array>

#include "spfcheck/network.h"

namespace waypost::spfcheck {
namespace {

struct Block {
  std::string_view address;
  int prefix;
  Special special;
};

// What the registries list as not globally reachable; the more specific before the more general.
// https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry.
constexpr std::array kBlocks{
    Block{"0.0.0.0", 8, {"this network, RFC 791"}},
    Block{"10.0.0.0", 8, {"private use, RFC 1918"}},
    Block{"100.64.0.0", 10, {"shared by a carrier's NAT, RFC 6598"}},
    Block{"127.0.0.0", 8, {"loopback, RFC 1122"}},
    Block{"169.254.0.0", 16, {"link local, RFC 3927"}},
    Block{"172.16.0.0", 12, {"private use, RFC 1918"}},
    Block{"192.0.0.0", 24, {"protocol assignments, RFC 6890"}},
    Block{"192.0.2.0", 24, {"documentation, RFC 5737", true}},
    Block{"192.88.99.0", 24, {"6to4 relays, RFC 7526"}},
    Block{"192.168.0.0", 16, {"private use, RFC 1918"}},
    Block{"198.18.0.0", 15, {"benchmarking, RFC 2544"}},
    Block{"198.51.100.0", 24, {"documentation, RFC 5737", true}},
    Block{"203.0.113.0", 24, {"documentation, RFC 5737", true}},
    Block{"224.0.0.0", 4, {"multicast, RFC 5771"}},
    Block{"240.0.0.0", 4, {"reserved, RFC 1112"}},
    Block{"2001:db8::", 32, {"documentation, RFC 3849", true}},
    Block{"3fff::", 20, {"documentation, RFC 9637", true}},
    Block{"2001::", 23, {"protocol assignments, RFC 2928"}},
    Block{"2002::", 16, {"6to4, RFC 3056"}},
    Block{"fc00::", 7, {"unique local, RFC 4193"}},
    Block{"fe80::", 10, {"link local, RFC 4291"}},
    Block{"ff00::", 8, {"multicast, RFC 4291"}},
    Block{"::1", 128, {"loopback, RFC 4291"}},
};

bool in(std::string_view address, int prefix, const net::IpAddress& ip) {
  return network_of(*net::IpAddress::parse(address), prefix).contains(ip);
}

} // namespace

Special special_purpose(const net::IpAddress& address) {
  for (const Block& block : kBlocks) {
    if (in(block.address, block.prefix, address)) return block.special;
  }
  // RFC 4291 2.4; IANA gives out global unicast addresses of 2000::/3 alone.
  if (address.v6() && !in("2000::", 3, address)) return {"not global unicast, RFC 4291"};
  return {};
}

bool is_public(const net::IpAddress& address) {
  return special_purpose(address).what.empty();
}

} // namespace waypost::spfcheck
