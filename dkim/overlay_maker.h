// OverlayMaker: how a message shall leave: its senders rewritten, and then signed, so that what is
// signed is what leaves and DMARC finds author and signature aligned.
//
// Signed is by the author's domain, or the nearest above it that has keys in the configuration
// (dkim_sign); where there is none, by the envelope sender's. A domain without keys is not signed,
// nor is a message without From. A key that is named and cannot be used is a reason not to send.
#pragma once

#include <optional>
#include <string>

#include "dkim/key_folder.h"
#include "dkim/message.h"
#include "lib/mail/overlay_request.h"
#include "lib/mail/snapshot.h"

namespace waypost::dkim {

class OverlayMaker {
public:
  // All outlive the maker.
  OverlayMaker(const Snapshot& snapshot, const KeyFolder& keys)
      : snapshot_(snapshot),
        keys_(keys) {}

  // `message` was read to its end. `now`: seconds since 1970.
  [[nodiscard]] OverlayAnswer answer(const OverlayRequest& request, Message& message,
                                     std::uint64_t now) const;
  // The answer where the message is what no overlay can be made of.
  [[nodiscard]] OverlayAnswer unfit(const OverlayRequest& request, std::string why) const;

private:
  [[nodiscard]] const SenderDomain* signer(const Header& header, std::string_view sender) const;
  [[nodiscard]] Result<std::string> sign(const SenderDomain& domain, const Message& message,
                                         std::uint64_t now) const;

  const Snapshot& snapshot_;
  const KeyFolder& keys_;
};

} // namespace waypost::dkim
