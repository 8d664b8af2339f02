#include "queue/commands/transport_table.h"

#include <algorithm>

#include "lib/mail/date.h"
#include "lib/sys/json.h"
#include "lib/sys/text.h"
#include "queue/commands/list_output.h"
#include "queue/commands/text_table.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kMostRows = 5'000;

std::string time_or_nothing(WallUs time) {
  return time > 0 ? rfc3339_date(time) : "";
}

std::string shown(const std::string& text) {
  return text.empty() ? "-" : printable(text);
}

std::string next_probe(const HeldTransport& hold, WallUs now) {
  return hold.probe > now ? "in " + short_span(hold.probe - now) : "with the next message";
}

std::string since(const HeldTransport& hold, WallUs now) {
  return hold.since > 0 ? short_span(std::max<WallUs>(now - hold.since, 0)) : "-";
}

} // namespace

Result<> TransportTable::take(const Record& answer) {
  if (answer.get("type") == "senders") {
    Result<SenderState> state = sender_state(answer);
    if (!state) return std::unexpected(state.error());
    senders_ = std::move(*state);
  }
  if (answer.get("type") != "transport") return {};
  if (rows_.size() == kMostRows) return fail("the queue manager's answer does not end");
  Row row;
  row.name = answer.get("transport");
  row.kind = answer.get("kind");
  row.target = answer.get("target");
  row.credential = answer.get("credential");
  row.messages = answer.number("messages");
  row.waiting = answer.number("waiting").value_or(0);
  row.under_way = answer.number("under_way").value_or(0);
  rows_.push_back(std::move(row));
  return {};
}

const HeldTransport* TransportTable::hold_of(const Row& row) const {
  const auto held = std::ranges::find(senders_.held, row.name, &HeldTransport::transport);
  return held == senders_.held.end() ? nullptr : &*held;
}

const char* TransportTable::state_of(const Row& row, bool running, WallUs now) const {
  if (!running) return "unknown";
  const HeldTransport* const hold = hold_of(row);
  if (hold == nullptr) return "ready";
  return hold->probe > now ? "held" : "probing";
}

std::vector<std::string> TransportTable::lines(bool running, WallUs now) const {
  TextTable table(7, true);
  table.add({"TRANSPORT", "TYPE", "TO", "MESSAGES", "STATE", "SINCE", "NEXT PROBE", "WHY"});
  for (const Row& row : rows_) {
    const HeldTransport* const hold = hold_of(row);
    const std::string messages = row.messages ? std::to_string(*row.messages) : "-";
    std::vector<std::string> cells{shown(row.name), shown(row.kind), shown(row.target), messages,
                                   state_of(row, running, now)};
    if (hold == nullptr) {
      cells.insert(cells.end(), {"-", "-", "-"});
    } else {
      cells.push_back(since(*hold, now));
      cells.push_back(next_probe(*hold, now));
      cells.push_back(std::string(name(hold->klass)) + ": " + one_line(hold->reply));
    }
    table.add(std::move(cells));
  }
  std::vector<std::string> all = table.lines();
  for (const Row& row : rows_) {
    const HeldTransport* const hold = hold_of(row);
    if (hold != nullptr && !hold->act.empty())
      all.push_back(printable(row.name) + ": " + one_line(hold->act));
  }
  return all;
}

std::vector<std::string> TransportTable::json(bool running, WallUs now) const {
  std::vector<std::string> all;
  for (const Row& row : rows_) {
    const HeldTransport* const hold = hold_of(row);
    const HeldTransport none;
    const HeldTransport& what = hold == nullptr ? none : *hold;
    JsonObject object;
    object.text("transport", row.name).text("type", row.kind).some_text("target", row.target);
    object.some_text("credential", row.credential).text("state", state_of(row, running, now));
    object.some_text("class", hold == nullptr ? "" : name(what.klass));
    object.some_text("reply", what.reply).some_text("since", time_or_nothing(what.since));
    object.some_text("next_probe", time_or_nothing(what.probe > now ? what.probe : 0));
    object.some_text("act", what.act);
    if (row.messages) {
      object.number("messages", *row.messages).number("jobs_waiting", row.waiting);
      object.number("jobs_under_way", row.under_way);
    } else {
      object.null("messages").null("jobs_waiting").null("jobs_under_way");
    }
    all.push_back(object.str());
  }
  return all;
}

} // namespace waypost::queue
