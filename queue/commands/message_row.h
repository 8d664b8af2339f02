// MessageRow: one message of the queue as the answers of type=message tell it, whole again when its
// recipients came in several records.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/mail/outcome.h"
#include "lib/mail/record.h"
#include "lib/sys/clock.h"

namespace waypost::queue {

struct RecipientRow {
  std::uint32_t number = 0; // in the envelope
  std::string address;
  std::string state; // pending, delivered, failed
  std::uint64_t attempts = 0;
  std::optional<WallUs> next;
  std::string transport; // of the last attempt; empty when none was made
  std::string klass;
  std::string reply;
  FailureClasses classes;           // all that it has failed with since the last requeue
  std::vector<std::string> refused; // transports that refused it for good
};

struct MessageRow {
  std::string id;
  WallUs arrived = 0;
  std::uint64_t size = 0;
  std::string sender; // empty: the null sender
  std::string account;
  std::uint64_t uid = 0;
  bool held = false;
  std::string hand;   // the transport set by hand, or empty
  std::string notice; // owed, is, or empty
  std::vector<RecipientRow> recipients;
};

// Puts answers together again. A record that lacks a field, or has a bad one, is an error.
class RowCollector {
public:
  explicit RowCollector(std::function<void(const MessageRow&)> each) : each_(std::move(each)) {}
  [[nodiscard]] Result<> take(const Record& answer);
  void end(); // no more records come

private:
  std::function<void(const MessageRow&)> each_;
  std::optional<MessageRow> row_;
};

} // namespace waypost::queue
