#include "route/rewriting_rule.h"

#include "route/network_name.h"

namespace waypost::route {

Parsed<std::string> parse_rewriting(std::string_view text) {
  if (!text.starts_with('@')) {
    Parsed<std::string> mailbox = parse_mailbox(text);
    if (!mailbox) return std::unexpected("is neither a mail address nor @ and a domain");
    return mailbox;
  }
  const Parsed<std::string> domain = parse_domain(text.substr(1));
  if (!domain) return std::unexpected("is neither a mail address nor @ and a domain");
  return "@" + *domain;
}

} // namespace waypost::route
