// TransportTable: what `waypost list --transports` shows: every transport, whether mail goes by it,
// and where it does not, since when, why, when it is tried next and who must act.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/mail/sender_state.h"

namespace waypost::queue {

class TransportTable {
public:
  // Takes one answer. An error when it is not what it must be.
  [[nodiscard]] Result<> take(const Record& answer);

  // For a person; without `running` no state is known.
  [[nodiscard]] std::vector<std::string> lines(bool running, WallUs now) const;
  // An object a transport, documented in waypost-list(1).
  [[nodiscard]] std::vector<std::string> json(bool running, WallUs now) const;

private:
  struct Row {
    std::string name;
    std::string kind;
    std::string target;
    std::string credential;
    std::optional<std::uint64_t> messages; // told to whom it concerns
    std::uint64_t waiting = 0;
    std::uint64_t under_way = 0;
  };
  [[nodiscard]] const HeldTransport* hold_of(const Row& row) const;
  [[nodiscard]] const char* state_of(const Row& row, bool running, WallUs now) const;

  std::vector<Row> rows_;
  SenderState senders_;
};

} // namespace waypost::queue
