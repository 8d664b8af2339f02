#include "dkim/author.h"

#include "lib/mail/address.h"
#include "lib/mail/address_list.h"
#include "lib/mail/idna.h"
#include "lib/sys/text.h"

namespace waypost::dkim {
namespace {

// Empty: it has none.
Result<std::string> domain_of(const std::string& text) {
  const Result<Address> address = Address::parse(text);
  if (!address) return std::unexpected(address.error());
  if (address->domain().empty()) return std::string();
  if (address->domain().front() == '[')
    return fail("From has an address without a domain: " + printable(text));
  return normal_domain(address->domain());
}

} // namespace

Result<std::string> author_domain(const Header& header) {
  std::string author;
  std::string bare;
  for (const Field& field : header.fields()) {
    if (!equal_ignoring_case(field.name(), "From")) continue;
    const auto addresses = parse_address_list(field.body());
    if (!addresses) return fail("From: " + addresses.error().text);
    for (const std::string& one : *addresses) {
      Result<std::string> domain = domain_of(one);
      if (!domain) return domain;
      // Acme in "Acme, Inc. <info@acme.example>", which lacks its quotes.
      if (domain->empty()) {
        bare = one;
        continue;
      }
      if (!author.empty() && author != *domain)
        return fail("From names more than one domain: " + author + " and " + *domain);
      author = std::move(*domain);
    }
  }
  if (author.empty() && !bare.empty())
    return fail("From has an address without a domain: " + printable(bare));
  if (author.empty()) return fail("the message has no From field with an address");
  return author;
}

} // namespace waypost::dkim
