#include "spfcheck/suggestion.h"

#include <algorithm>

#include "spfcheck/advice.h"
#include "spfcheck/check_host.h"
#include "spfcheck/supposing.h"

namespace waypost::spfcheck {
namespace {

constexpr std::string_view kInclude = "include:";

class Search {
public:
  Search(Resolver& resolver, std::string domain, PublishedSpf published, LookupCost cost,
         std::vector<Need> needs)
      : resolver_(resolver),
        domain_(std::move(domain)),
        published_(std::move(published)),
        cost_(std::move(cost)),
        needs_(std::move(needs)) {}

  net::Task<Suggestion> run() {
    co_await make_room();
    while (!needs_.empty()) {
      const bool found = co_await try_both_places();
      if (found) break;
      give_up(failed_, "no addition to the record helps: " + why_);
    }
    for (const Need& need : needs_)
      found_.verdicts.push_back({need.finding, need.term, "add " + need.term});
    co_return std::move(found_);
  }

private:
  void give_up(std::size_t number, std::string text) {
    found_.verdicts.push_back({needs_[number].finding, "", std::move(text)});
    needs_.erase(needs_.begin() + static_cast<std::ptrdiff_t>(number));
  }

  // Lookups of a term with what lies below it; unknown: DNS did not say.
  net::Task<LookupCost> cost_of(std::string term) {
    LookupCost cost;
    if (term.starts_with("ip4:") || term.starts_with("ip6:")) co_return cost;
    if (term.starts_with(kInclude))
      cost = co_await lookup_cost(resolver_, term.substr(kInclude.size()));
    ++cost.lookups;
    co_return cost;
  }

  // Leaves out what the ten lookups have no room for.
  net::Task<> make_room() {
    int left = std::max(kAllowedLookups - cost_.lookups, 0);
    std::vector<std::string> terms;
    for (std::size_t i = 0; i < needs_.size();) {
      const std::string term = needs_[i].term;
      const LookupCost cost = co_await cost_of(term);
      const bool there = std::ranges::find(terms, term) != terms.end();
      const bool unsure = cost.lookups > 0 && !(cost.unknown.empty() && cost_.unknown.empty());
      if (!there && (unsure || cost.lookups > left)) {
        give_up(i, unsure ? "whether the ten lookups have room for " + term + " is not known now"
                          : no_room(term, cost.lookups, left));
        continue;
      }
      if (!there) left -= cost.lookups;
      terms.push_back(term);
      ++i;
    }
  }

  static std::string no_room(const std::string& term, int cost, int left) {
    return term + " costs " + std::to_string(cost) + " lookups, and " + std::to_string(left) +
           " of ten are left: take others out of the record, or put the addresses in their place";
  }

  net::Task<bool> try_both_places() {
    std::vector<Addition> additions;
    for (const Need& need : needs_)
      additions.push_back({need.term, need.before});
    const Record* const current = published_.record ? &*published_.record : nullptr;
    // Before everything else a term is reached whatever the others cost.
    for (const bool first : {false, true}) {
      const std::string record = with_additions(current, additions, first);
      const bool passes = co_await all_pass(record);
      if (!passes) continue;
      found_.record = record;
      co_return true;
    }
    co_return false;
  }

  // With this record in the zone; else failed_ and why_ tell of the first that does not.
  net::Task<bool> all_pass(std::string record) {
    Supposing supposing(resolver_, domain_, record);
    for (std::size_t i = 0; i < needs_.size(); ++i) {
      for (const net::IpAddress& address : needs_[i].addresses) {
        const Query query = mail_from_query(address, "postmaster@" + domain_, needs_[i].helo);
        const CheckResult checked = co_await check_host(supposing, query);
        if (checked.result == SpfResult::pass) continue;
        failed_ = i;
        why_ = address.text() + " is still " + name_of(checked.result) + ", " + checked.why;
        co_return false;
      }
    }
    co_return true;
  }

  Resolver& resolver_;
  std::string domain_;
  PublishedSpf published_;
  LookupCost cost_;
  std::vector<Need> needs_;
  Suggestion found_;
  std::size_t failed_ = 0;
  std::string why_;
};

} // namespace

net::Task<Suggestion> suggest(Resolver& resolver, std::string domain, PublishedSpf published,
                              LookupCost cost, std::vector<Need> needs) {
  Search search(resolver, std::move(domain), std::move(published), std::move(cost),
                std::move(needs));
  Suggestion found = co_await search.run();
  co_return found;
}

} // namespace waypost::spfcheck
