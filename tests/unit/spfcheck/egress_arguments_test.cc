// Which question the arguments ask: one check, the filter, or every way out.
#include <array>
#include <criterion/criterion.h>

#include "spfcheck/arguments.h"

namespace waypost::spfcheck {
namespace {

Result<Arguments> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "waypost-spfcheck");
  std::vector<char*> values;
  for (std::string& word : words)
    values.push_back(word.data());
  values.push_back(nullptr);
  return parse_arguments(static_cast<int>(words.size()), values.data());
}

} // namespace

Test(egress_arguments, without_a_query_every_way_out_is_asked_for) {
  const auto none = parse({});
  cr_expect(none && none->egress && none->domains.empty() && !none->quiet);
  const auto two = parse({"-q", "--json", "a.test", "b.test"});
  cr_assert(two.has_value());
  const std::vector<std::string> domains{"a.test", "b.test"};
  cr_expect(two->egress && two->quiet && two->json && two->domains == domains);
}

Test(egress_arguments, one_kind_of_question_at_a_time) {
  const auto one = parse({"-i", "192.0.2.1", "-f", "a@a.test"});
  cr_expect(one && !one->egress);
  const auto filter = parse({"--filter"});
  cr_expect(filter && !filter->egress);
  cr_expect(!parse({"-q", "-i", "192.0.2.1", "-f", "a@a.test"}));
  cr_expect(!parse({"-q", "--filter"}));
  cr_expect(!parse({"--explain", "a.test"}));
  cr_expect(!parse({"-i", "192.0.2.1", "-f", "a@a.test", "a.test"}));
  cr_expect(!parse({"-f", "a@a.test"}), "a query without its address is no question about ways");
}

} // namespace waypost::spfcheck
