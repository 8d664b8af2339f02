#include "deliver/mx.h"

#include <algorithm>

namespace waypost::deliver {

std::vector<net::MxHost> sorted_mx(std::vector<net::MxHost> all, std::size_t most,
                                   std::minstd_rand& random) {
  std::ranges::shuffle(all, random);
  std::ranges::stable_sort(all, {}, &net::MxHost::preference);
  std::vector<net::MxHost> sorted;
  for (net::MxHost& one : all) {
    const bool known = std::ranges::find(sorted, one.host, &net::MxHost::host) != sorted.end();
    // A root among other hosts is no host (RFC 7505 3).
    if (!known && !one.host.empty() && sorted.size() < most) sorted.push_back(std::move(one));
  }
  return sorted;
}

bool is_null_mx(const std::vector<net::MxHost>& all) {
  return !all.empty() &&
         std::ranges::all_of(all, [](const net::MxHost& one) { return one.host.empty(); });
}

void drop_from(std::vector<net::MxHost>& all, std::uint16_t ours) {
  std::erase_if(all, [&](const net::MxHost& one) { return one.preference >= ours; });
}

} // namespace waypost::deliver
