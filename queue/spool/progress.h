// Progress: what a history says of some recipients and of the message as a whole. Plain values; the
// fold takes the entries in their order and never fails: what it does not understand it passes
// over.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/mail/history.h"

namespace waypost::queue {

// One recipient: what the attempts since the last requeue came to.
struct RecipientProgress {
  std::uint32_t attempts = 0;
  std::uint32_t moves = 0; // refusals for good that led to another transport
  FailureClasses classes;
  std::vector<std::string> refused; // transports that refused this recipient for good
  bool bounced = false;             // by hand: it fails with `last`, nothing more is tried
  // The last attempt, also from before a requeue.
  WallUs last_time = 0; // 0: none was made
  Outcome last;
  std::string transport;
  std::string rule;
  std::string host;
  std::string address;
  std::string first; // address of the last attempt, where none of several would do

  [[nodiscard]] bool has_refused(std::string_view transport) const;
  // RFC 5321 has nothing on it; greylisting hosts know us by the pair of addresses.
  [[nodiscard]] std::string prefer() const; // the address that greylisted us last, or ""
  // "ipv4", "ipv6": the family that failed last, or that the last attempt began with in vain; or ""
  [[nodiscard]] std::string avoid() const;
};

struct MadeNotice {
  std::string name; // of the notice's message
  Ranges recipients;
};

struct MessageFacts {
  bool held = false;
  bool dropped = false;
  std::string hand;           // the transport set by hand, or ""
  std::uint32_t attempts = 0; // the highest number of any attempt since the last requeue
  std::vector<MadeNotice> notices;
  std::string headers; // overlay in place of the message's first `skip` bytes
  std::uint64_t skip = 0;
  std::string signature;
  std::string sender; // overlay in place of the envelope's sender; empty: none
};

class ProgressFold {
public:
  // Of these recipients, ascending; facts of the message are folded in any case. Their last replies
  // are cut so that all of them take about `replies` bytes.
  explicit ProgressFold(std::vector<std::uint32_t> recipients, std::size_t replies = SIZE_MAX);
  void take(const HistoryEntry& entry);

  [[nodiscard]] const MessageFacts& facts() const { return facts_; }
  [[nodiscard]] const std::vector<std::uint32_t>& recipients() const { return recipients_; }
  // In the order of recipients().
  [[nodiscard]] std::vector<RecipientProgress>& progress() { return progress_; }

private:
  void take_attempt(const HistoryEntry& entry);
  void take_requeue(const HistoryEntry& entry);
  void take_overlay(const Overlay& overlay);
  template <class Each>
  void each_in(const Ranges& ranges, Each each);

  std::vector<std::uint32_t> recipients_;
  std::vector<RecipientProgress> progress_;
  std::size_t replies_;
  MessageFacts facts_;
};

// One attempt's outcome for one recipient; the fold and a running turn both use it.
void apply(RecipientProgress& progress, const HistoryEntry& entry, const Outcome& outcome);

} // namespace waypost::queue
