// Overlays: the format on the socket between waypost-qmgr and waypost-overlay, which says how a
// message shall leave.
//
// manager -> overlay  type=overlay number= generation= id= account= sender= length=
//                     and beside it the read end of a pipe: `length` bytes of the message in wire
//                     form, or fewer where the manager has died
// overlay -> manager  type=overlay number= [sender=] [skip=] [unsigned=WHY] [unsent=WHY]
//                     and behind it `headers=N` bytes in place of the message's first `skip`, then
//                     the signature
//                 or  type=overlay number= again=WHY
//                     the message did not come as announced, or the configuration of that
//                     generation, or a later one, cannot be read
//
// Answered once each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/mail/record.h"

namespace waypost {

struct OverlayRequest {
  std::uint64_t number = 0;
  std::uint64_t generation = 0; // of the configuration by which it was asked
  std::string id;               // of the message, for logs
  std::string account;
  std::string sender; // of the envelope, as handed in; empty: the null sender
  std::uint64_t length = 0;
};

struct OverlayAnswer {
  std::uint64_t number = 0;
  std::string sender; // in place of the envelope's; empty: as it is
  std::uint64_t skip = 0;
  std::string headers; // in place of the first `skip` bytes
  std::string signature;
  std::string why_unsigned; // not empty: it should be signed and cannot be
  std::string why_unsent;   // not empty: it cannot be made fit to leave, by whatever transport
  std::string again;        // not empty: nothing is known, ask once more
};

[[nodiscard]] Record to_record(const OverlayRequest& request);
[[nodiscard]] Result<OverlayRequest> overlay_request(const Record& record);
// The record; headers and signature travel behind it as raw bytes.
[[nodiscard]] Record to_record(const OverlayAnswer& answer);
[[nodiscard]] Result<OverlayAnswer> overlay_answer(const Record& record, std::string_view bytes);

inline constexpr std::size_t kMaxOverlay = std::size_t{1} << 20; // headers and signature together
inline constexpr std::size_t kMaxOverlayFrame = kMaxOverlay + (std::size_t{16} << 10);
// Messages on their way to waypost-overlay; more wait in the manager.
inline constexpr std::size_t kOverlayPlaces = 4;

} // namespace waypost
