#include "queue/commands/list_output.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "lib/mail/date.h"
#include "lib/sys/json.h"
#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kReplyShown = 100;
constexpr std::size_t kIdWidth = 19; // of a notice: "0123456789abcdef.b1"

std::string recipient_json(const RecipientRow& one) {
  JsonObject object;
  object.text("address", one.address).text("state", one.state).number("attempts", one.attempts);
  object.some_text("next_attempt", one.next ? rfc3339_date(*one.next) : "");
  object.some_text("transport", one.transport).some_text("class", one.klass);
  object.some_text("reply", one.reply);
  JsonArray classes;
  const std::string all = one.classes.text();
  for (const std::string_view klass : split(all, ',')) {
    if (!klass.empty()) classes.add(json_string(klass));
  }
  JsonArray refused;
  for (const std::string& transport : one.refused)
    refused.add(json_string(transport));
  return object.raw("classes", classes.str()).raw("refused", refused.str()).str();
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text + ' ';
}

std::string one_line(std::string_view reply) {
  std::string line;
  for (const std::string_view part : split(reply, '\n')) {
    if (!line.empty()) line += " / ";
    line += printable(part);
    if (line.size() > kReplyShown) break;
  }
  if (line.size() <= kReplyShown) return line;
  std::size_t end = kReplyShown;
  while ((static_cast<unsigned char>(line[end]) & 0xC0) == 0x80)
    --end;
  return line.substr(0, end) + "...";
}

// The recipient that says most about where the message stands: the pending one that comes next,
// else one that failed, else the first.
const RecipientRow* telling(const MessageRow& row) {
  const RecipientRow* best = nullptr;
  const auto rank = [](const RecipientRow& one) {
    return one.state == "pending" ? 0 : one.state == "failed" ? 1 : 2;
  };
  for (const RecipientRow& one : row.recipients) {
    if (best == nullptr || rank(one) < rank(*best)) best = &one;
  }
  return best;
}

std::string when(const MessageRow& row, const RecipientRow& one, WallUs now) {
  if (row.held) return "held";
  if (one.state != "pending") return "-";
  if (!one.next) return "soon";
  const WallUs span = *one.next - now;
  return span < 1'000'000 ? "now" : "in " + short_span(span);
}

} // namespace

std::string short_span(WallUs span) {
  const auto seconds = std::max<WallUs>(span, 0) / 1'000'000;
  if (seconds < 120) return std::to_string(seconds) + "s";
  if (seconds < 120 * 60) return std::to_string(seconds / 60) + "m";
  if (seconds < 48 * 3600) return std::to_string(seconds / 3600) + "h";
  return std::to_string(seconds / 86400) + "d";
}

std::string short_size(std::uint64_t bytes) {
  constexpr std::array kUnits{"", "K", "M", "G", "T", "P"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1000 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit > 0 && value < 10 ? "%.1f%s" : "%.0f%s", value,
                kUnits.at(unit));
  return text.data();
}

std::string shown_sender(const std::string& sender) {
  return sender.empty() ? "<>" : printable(sender);
}

std::string list_json(const MessageRow& row) {
  JsonArray recipients;
  for (const RecipientRow& one : row.recipients)
    recipients.add(recipient_json(one));
  JsonObject object;
  object.text("id", row.id).text("arrived", rfc3339_date(row.arrived)).number("size", row.size);
  object.text("sender", row.sender).text("account", row.account).boolean("held", row.held);
  object.some_text("hand", row.hand);
  if (!row.notice.empty()) object.text("notice", row.notice);
  object.raw("recipients", recipients.str());
  return object.str();
}

std::string list_heading() {
  return padded("ID", kIdWidth) + padded("ARRIVED", 20) + padded("SIZE", 5) + padded("TRIES", 5) +
         padded("NEXT", 7) + "FROM -> TO  (LAST ANSWER)";
}

std::string list_line(const MessageRow& row, WallUs now) {
  std::string line = padded(printable(row.id), kIdWidth) + padded(rfc3339_date(row.arrived), 20) +
                     padded(short_size(row.size), 5);
  const RecipientRow* one = telling(row);
  if (one == nullptr) return line + shown_sender(row.sender);
  line += padded(std::to_string(one->attempts), 5) + padded(when(row, *one, now), 7);
  line += shown_sender(row.sender) + " -> " + printable(one->address);
  if (row.recipients.size() > 1)
    line += " and " + std::to_string(row.recipients.size() - 1) + " more";
  if (!one->reply.empty())
    line += "  (" + (one->klass.empty() ? "" : printable(one->klass) + ": ") +
            one_line(one->reply) + ")";
  return line;
}

} // namespace waypost::queue
