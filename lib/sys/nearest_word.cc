#include "lib/sys/nearest_word.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "lib/sys/text.h"

namespace waypost {
namespace {

// Changes of one letter, and swaps of two neighbours, that turn `a` into `b` (optimal string
// alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({change, last[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

} // namespace

std::optional<std::string_view> nearest_word(std::string_view word,
                                             std::span<const std::string_view> known) {
  constexpr std::size_t kLongest = 64;
  if (word.size() > kLongest) return std::nullopt;
  const std::string wanted = ascii_lower(word);
  // One change in a short word, three in a long one.
  std::size_t least = std::clamp<std::size_t>((word.size() + 1) / 2, 2, 4);
  std::optional<std::string_view> best;
  for (const std::string_view one : known) {
    const std::size_t far = distance(wanted, ascii_lower(one));
    if (far >= least) continue;
    least = far;
    best = one;
  }
  return best;
}

} // namespace waypost
