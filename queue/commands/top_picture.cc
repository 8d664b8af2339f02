#include "queue/commands/top_picture.h"

#include <algorithm>

#include "lib/mail/date.h"
#include "lib/sys/text.h"
#include "queue/commands/list_output.h"
#include "queue/commands/metric_samples.h"
#include "queue/commands/text_table.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kMostRows = 5'000; // of either kind
constexpr std::size_t kReplyShown = 80;

Result<TopRow> row_of(const Record& answer) {
  TopRow row;
  row.transport = answer.get("transport");
  row.destination = answer.get("destination");
  row.reply = answer.get("reply");
  const auto number = [&](std::string_view key) { return answer.number(key).value_or(0); };
  row.messages = number("messages");
  row.waiting = number("waiting");
  row.under_way = number("under_way");
  row.delivered_rate = number(answer.get("type") == "transport" ? "delivered_rate" : "rate");
  row.deferred_rate = number("deferred_rate");
  row.failed_rate = number("failed_rate");
  row.delivered = number("delivered");
  row.deferred = number("deferred");
  row.failed = number("failed");
  if (const auto oldest = parse_number(answer.get("oldest"), INT64_MAX))
    row.oldest = static_cast<WallUs>(*oldest);
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const Record::Field field = answer.field(i);
    if (field.key == "class") row.classes.push_back({std::string(field.value), 0});
    if (field.key != "count" || row.classes.empty()) continue;
    const auto count = parse_number(field.value);
    if (!count) return fail("the queue manager's answer has a bad count");
    row.classes.back().count = *count;
  }
  return row;
}

// "12.5", "0.3", "1200": a minute.
std::string rate_text(std::uint64_t thousandths) {
  if (thousandths >= 100'000) return std::to_string(thousandths / 1000);
  const std::uint64_t tenths = thousandths / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::string class_text(const TopRow& row) {
  std::vector<TopRow::Class> classes = row.classes;
  std::ranges::sort(classes, std::ranges::greater(), &TopRow::Class::count);
  std::string out;
  for (const TopRow::Class& one : classes)
    out += (out.empty() ? "" : ", ") + printable(one.name) + " " + std::to_string(one.count);
  return out;
}

std::string shown(const std::string& name) {
  return name.empty() ? "(not tried yet)" : printable(name);
}

} // namespace

Result<> TopPicture::take(const Record& answer) {
  const std::string_view type = answer.get("type");
  if (type == "queue") queue_ = answer;
  if (type == "senders") {
    Result<SenderState> state = sender_state(answer);
    if (!state) return std::unexpected(state.error());
    senders_ = std::move(*state);
  }
  if (type != "transport" && type != "destination") return {};
  std::vector<TopRow>& rows = type == "transport" ? transports_ : destinations_;
  if (rows.size() == kMostRows) return fail("the queue manager's answer does not end");
  Result<TopRow> row = row_of(answer);
  if (!row) return std::unexpected(row.error());
  rows.push_back(std::move(*row));
  return {};
}

std::vector<std::string> TopPicture::head(WallUs now) const {
  const auto number = [&](std::string_view key) {
    return std::to_string(queue_.number(key).value_or(0));
  };
  std::string queue = "queue  " + number("fresh") + " fresh, " + number("active") + " active, " +
                      number("deferred") + " deferred, " + number("held") + " held";
  if (const auto oldest = parse_number(queue_.get("oldest"), INT64_MAX))
    queue += "; the oldest is " + short_span(now - static_cast<WallUs>(*oldest)) + " old";
  const std::string senders = "senders  " + std::to_string(senders_.living) + " living, " +
                              std::to_string(senders_.idle) + " idle; " +
                              std::to_string(senders_.failing) + " destinations known to fail";
  std::vector<std::string> all{rfc3339_date(now) + "  " + queue, senders};
  for (const HeldTransport& one : senders_.held)
    all.push_back("held back  " + printable(one.transport) + " (" + std::string(name(one.klass)) +
                  "): " + one_line(one.reply));
  return all;
}

std::vector<std::string> TopPicture::transport_lines() const {
  TextTable table(1, true);
  table.add({"TRANSPORT", "MESSAGES", "JOBS", "RUNNING", "DELIVERED/min", "DEFERRED/min",
             "FAILED/min", "FAILURES BY CLASS"});
  for (const TopRow& row : transports_) {
    if (row.transport.empty() && row.messages == 0) continue;
    table.add({shown(row.transport), std::to_string(row.messages), std::to_string(row.waiting),
               std::to_string(row.under_way), rate_text(row.delivered_rate),
               rate_text(row.deferred_rate), rate_text(row.failed_rate), class_text(row)});
  }
  return table.lines();
}

std::vector<std::string> TopPicture::destination_lines(WallUs now) const {
  TextTable table(2, true);
  table.add({"DESTINATION", "TRANSPORT", "JOBS", "RUNNING", "RATE/min", "DELIVERED", "DEFERRED",
             "FAILED", "OLDEST", "FAILURES, AND THE LAST"});
  for (const TopRow& row : destinations_) {
    std::string last = class_text(row);
    if (!row.reply.empty())
      last += ": " + std::string(cut_to_width(one_line(row.reply), kReplyShown));
    table.add({shown(row.destination), shown(row.transport), std::to_string(row.waiting),
               std::to_string(row.under_way), rate_text(row.delivered_rate),
               std::to_string(row.delivered), std::to_string(row.deferred),
               std::to_string(row.failed), row.oldest ? short_span(now - *row.oldest) : "-", last});
  }
  return table.lines();
}

std::vector<std::string> TopPicture::lines(std::size_t width, std::size_t height,
                                           WallUs now) const {
  std::vector<std::string> all = head(now);
  for (const auto& part : {transport_lines(), destination_lines(now)}) {
    all.emplace_back();
    all.insert(all.end(), part.begin(), part.end());
  }
  if (all.size() > height) all.resize(height);
  for (std::string& line : all)
    line = cut_to_width(line, width);
  return all;
}

} // namespace waypost::queue
