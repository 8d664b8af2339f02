#include "dkim/overlay_maker.h"

#include <algorithm>

#include "dkim/author.h"
#include "dkim/rewriting.h"
#include "dkim/signature.h"
#include "lib/mail/address.h"
#include "lib/mail/idna.h"

namespace waypost::dkim {
namespace {

// The domain, or the nearest above it, that has keys.
const SenderDomain* nearest(const std::vector<SenderDomain>& all, std::string_view domain) {
  for (;;) {
    const auto found = std::ranges::find(all, domain, &SenderDomain::name);
    if (found != all.end() && !found->dkim_sign.empty()) return &*found;
    const std::size_t dot = domain.find('.');
    if (dot == std::string_view::npos) return nullptr;
    domain.remove_prefix(dot + 1);
  }
}

// The first bytes of the header as it leaves, up to where it is as it was.
std::string changed_part(const Header& header, std::size_t skip, std::size_t before) {
  const std::string wire = header.wire();
  return wire.substr(0, wire.size() - (before - skip));
}

} // namespace

const SenderDomain* OverlayMaker::signer(const Header& header, std::string_view sender) const {
  const Result<std::string> author = author_domain(header);
  const SenderDomain* const found = author ? nearest(snapshot_.domains, *author) : nullptr;
  if (found != nullptr) return found;
  const Result<Address> envelope = Address::parse(sender);
  if (!envelope || envelope->domain().empty()) return nullptr;
  const Result<std::string> domain = normal_domain(envelope->domain());
  return domain ? nearest(snapshot_.domains, *domain) : nullptr;
}

Result<std::string> OverlayMaker::sign(const SenderDomain& domain, const Message& message,
                                       std::uint64_t now) const {
  Manner manner;
  manner.now = now;
  std::string fields;
  for (const std::string& selector : domain.dkim_sign) {
    const Result<Key> key = keys_.read(domain.name, selector);
    if (!key) return std::unexpected(key.error());
    const auto field = signature_field({domain.name, selector, &*key}, manner,
                                       message.header().fields(), message.body_hash());
    if (!field) return field;
    fields += *field;
  }
  return fields;
}

OverlayAnswer OverlayMaker::answer(const OverlayRequest& request, Message& message,
                                   std::uint64_t now) const {
  OverlayAnswer answer;
  answer.number = request.number;
  const SenderRewriting rewriting(snapshot_, request.account);
  std::string sender = request.sender;
  if (!rewriting.none()) {
    answer.sender = rewriting.address(request.sender);
    if (!answer.sender.empty()) sender = answer.sender;
    const std::size_t before = message.header().bytes();
    answer.skip = rewrite_header(rewriting, message.header());
    if (answer.skip > 0) answer.headers = changed_part(message.header(), answer.skip, before);
  }
  if (answer.headers.size() > kMaxOverlay / 2) {
    answer.headers.clear();
    answer.skip = 0;
    answer.why_unsent = "its header is longer than 512 KiB and cannot be rewritten";
    return answer;
  }
  const SenderDomain* const domain = signer(message.header(), sender);
  if (domain == nullptr) return answer;
  Result<std::string> fields = sign(*domain, message, now);
  if (fields) {
    answer.signature = std::move(*fields);
  } else {
    answer.why_unsigned = fields.error().text;
  }
  return answer;
}

} // namespace waypost::dkim
