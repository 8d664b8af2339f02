// Story: what `waypost why` tells of one message: how it came, every attempt and decision, what
// comes next.
//
// Collects the answers of a `why` and renders them, for a person or as JSON (an object for each
// history entry and recipient). What came from outside is safe to print.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/mail/history.h"
#include "lib/mail/transcript.h"
#include "queue/commands/message_row.h"
#include "queue/commands/words.h"

namespace waypost::queue {

struct Plan {
  Ranges recipients;
  std::optional<WallUs> when;
  std::uint64_t attempt = 0;
  std::string transport;
  std::string rule;
  std::string wait; // why nothing is tried now

  [[nodiscard]] bool same_but_recipients(const Plan& other) const;
};

// What else the future holds, as far as it is known.
struct Outlook {
  std::optional<WallUs> expires;
  std::optional<WallUs> delay; // when the sender is told
  std::string hand;            // the transport set by hand
  std::vector<std::string> transports;
  bool stopped = false; // no manager runs
};

class Story {
public:
  Story() = default;
  Story(const Story&) = delete;
  Story& operator=(const Story&) = delete;
  ~Story() = default;
  // type=message, history, transcript, outlook, plan or later; others are passed over.
  [[nodiscard]] Result<> take(const Record& answer);
  void end() { rows_.end(); }
  [[nodiscard]] bool empty() const { return row_.id.empty(); }

  // Whole lines, each with its end.
  [[nodiscard]] std::string text(WallUs now) const;
  // Calls `line` for each object.
  void json(const std::function<void(const std::string&)>& line) const;
  // story_transcript.cc: the dialogues that are still known, and nothing else.
  [[nodiscard]] std::string dialogues() const;
  void dialogues_json(const std::function<void(const std::string&)>& line) const;

private:
  void add_plan(Plan plan);
  [[nodiscard]] std::string addresses(const Ranges& recipients) const;
  [[nodiscard]] std::string address(std::uint32_t number) const;
  void append_opening(std::string& out) const;
  void append_entry(std::string& out, const HistoryEntry& entry) const;
  // story_outlook.cc
  [[nodiscard]] Fault fault(std::uint32_t recipient) const;
  void append_standing(std::string& out) const;
  void append_future(std::string& out, WallUs now) const;
  void append_plan(std::string& out, const Plan& plan, WallUs now) const;
  void append_later(std::string& out, WallUs now) const;
  void append_commands(std::string& out) const;

  MessageRow row_;
  RowCollector rows_{[this](const MessageRow& row) { row_ = row; }};
  std::vector<HistoryEntry> history_;
  std::vector<Transcript> transcripts_;
  std::vector<Plan> plans_;  // neighbours differ in more than their recipients
  std::vector<Plan> laters_; // ascending attempts of the first recipient
  Outlook outlook_;
};

} // namespace waypost::queue
