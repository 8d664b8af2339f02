#include "lib/mail/sender_rewriting.h"

#include <algorithm>

#include "lib/mail/address.h"
#include "lib/mail/idna.h"

namespace waypost {

SenderRewriting::SenderRewriting(const Snapshot& snapshot, std::string_view account)
    : settings_(snapshot.settings),
      hostname_(normal_domain(snapshot.settings.hostname).value_or("")),
      rule_(snapshot.rewriting_of(account)) {}

bool SenderRewriting::own(std::string_view domain) const {
  if (domain.empty()) return true;
  const Result<std::string> normal = normal_domain(domain);
  if (!normal) return false;
  return hostname_ == *normal ||
         std::ranges::find(settings_.local_domains, *normal) != settings_.local_domains.end();
}

std::string SenderRewriting::address(std::string_view text) const {
  const Result<Address> parsed = Address::parse(text);
  if (none() || !parsed || parsed->null() || !own(parsed->domain())) return {};
  const std::string to = rule_.starts_with('@') ? std::string(parsed->local()) + rule_ : rule_;
  return to == text ? std::string() : to;
}

} // namespace waypost
