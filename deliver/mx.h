// MX rules without I/O: order, null MX, and our own place in the list (RFC 5321 5.1, RFC 7505).
#pragma once

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "lib/net/dns_message.h"

namespace waypost::deliver {

// Randomness for load sharing, freshly seeded; not for secrets.
[[nodiscard]] std::minstd_rand host_lottery();

// By preference; equal ones in random order; each host once; at most `most`.
[[nodiscard]] std::vector<net::MxHost> sorted_mx(std::vector<net::MxHost> all, std::size_t most,
                                                 std::minstd_rand& random);

// RFC 7505: the only record has the root as host.
[[nodiscard]] bool is_null_mx(const std::vector<net::MxHost>& all);

// RFC 5321 5.1: hosts that are not better than ourselves are left out. `ours` is the best
// preference at which we stand in the list.
void drop_from(std::vector<net::MxHost>& all, std::uint16_t ours);

} // namespace waypost::deliver
