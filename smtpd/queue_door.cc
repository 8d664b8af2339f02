#include "smtpd/queue_door.h"

namespace waypost::smtpd {
namespace {

// qmail-queue's: 11 to 40 say that trying again changes nothing. 100 is what other programs say.
// 91 is an envelope that is none: ours, which no client can mend.
constexpr int kFirstPermanent = 11;
constexpr int kLastPermanent = 40;
constexpr int kAddressTooLong = 11;
constexpr int kDisk = 53;
constexpr int kPermanent = 100;

} // namespace

Answer answer_for_exit(int status) {
  if (status == 0) return "250 2.0.0 Safe in the queue";
  if (status == kAddressTooLong) return "553 5.1.3 An address is too long";
  const bool permanent =
      (status >= kFirstPermanent && status <= kLastPermanent) || status == kPermanent;
  if (permanent) return "554 5.3.0 The message is refused (" + std::to_string(status) + ")";
  // RFC 5321 4.2.3: 452 is what storage is about.
  if (status == kDisk) return "452 4.3.1 The disk is full or failing; try again later";
  return "451 4.3.0 The queue cannot take the message now (" + std::to_string(status) +
         "); try again later";
}

} // namespace waypost::smtpd
