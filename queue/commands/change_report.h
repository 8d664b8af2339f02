// ChangeReport: prints and counts what a command that changes messages is told, as it comes.
#pragma once

#include <string>

#include "queue/commands/change_tally.h"
#include "queue/commands/control_client.h"
#include "queue/commands/message_row.h"
#include "queue/commands/progress.h"

namespace waypost::queue {

class ChangeReport {
public:
  // `dry`: messages are listed as `waypost list` does. `json`: an object for each message.
  ChangeReport(Verb verb, bool json, bool dry);

  [[nodiscard]] Result<> take(const Record& answer);
  // Says the sum, and returns the exit status.
  int finish(const Result<Ending>& ending, bool interrupted);

private:
  void take_row(const MessageRow& row);
  Result<> take_changed(const Record& answer);

  std::string program_;
  bool json_;
  bool dry_;
  WallUs now_ = RealClock().wall_us();
  ChangeTally tally_;
  Progress progress_;
  RowCollector rows_{[this](const MessageRow& row) { take_row(row); }};
};

} // namespace waypost::queue
