#include "dkim/overlay_maker.h"

#include <algorithm>

#include "dkim/author.h"
#include "dkim/rewriting.h"
#include "dkim/signature.h"
#include "dkim/signed_fields.h"
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
  // RFC 6376 5.4: From is always signed, so what has none never is.
  if (names_to_sign(header.fields()).empty()) return nullptr;
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
    if (fields.size() > kMaxOverlay / 2) return fail("its signature is longer than 512 KiB");
  }
  return fields;
}

OverlayAnswer OverlayMaker::unfit(const OverlayRequest& request, std::string why) const {
  OverlayAnswer answer;
  answer.number = request.number;
  const bool rewritten = !SenderRewriting(snapshot_, request.account).none();
  if (rewritten) answer.why_unsent = "its senders cannot be rewritten: " + why;
  if (!rewritten && snapshot_.signs()) answer.why_unsigned = std::move(why);
  return answer;
}

OverlayAnswer OverlayMaker::answer(const OverlayRequest& request, Message& message,
                                   std::uint64_t now) const {
  if (bytes_of_senders(message.header()) > kMaxOverlay / 2)
    return unfit(request, "the fields that name its senders are longer than 512 KiB");
  OverlayAnswer answer;
  answer.number = request.number;
  const SenderRewriting rewriting(snapshot_, request.account);
  answer.sender = rewriting.address(request.sender);
  const std::size_t before = message.header().bytes();
  if (!rewriting.none()) answer.skip = rewrite_header(rewriting, message.header());
  if (answer.skip > 0) answer.headers = changed_part(message.header(), answer.skip, before);
  if (answer.headers.size() > kMaxOverlay / 2)
    return unfit(request, "the header up to the last of them is longer than 512 KiB");
  const std::string& sender = answer.sender.empty() ? request.sender : answer.sender;
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
