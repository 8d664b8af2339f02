#include "queue/commands/mailq_output.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

constexpr int kIdWidth = 20; // of a notice, with its mark
constexpr std::size_t kReplyShown = 200;
constexpr std::size_t kReplyEnd = 78; // short replies end in that column

std::string columns(const std::string& id, const std::string& size, const std::string& time,
                    const std::string& address) {
  std::array<char, 256> head{};
  std::snprintf(head.data(), head.size(), "%-*s %8s %-20s ", kIdWidth, id.c_str(), size.c_str(),
                time.c_str());
  return head.data() + address + '\n';
}

std::string local_time(WallUs when) {
  const std::time_t seconds = when / 1'000'000;
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%a %b %e %H:%M:%S", &parts);
  return text.data();
}

// "(451 4.7.1 come back later)", in one line.
std::string reason(const std::string& reply) {
  std::string line;
  for (const std::string_view part : split(reply, '\n'))
    line += (line.empty() ? "" : " ") + printable(part);
  if (line.size() > kReplyShown) {
    std::size_t end = kReplyShown;
    while ((static_cast<unsigned char>(line[end]) & 0xC0) == 0x80)
      --end;
    line = line.substr(0, end) + "...";
  }
  const std::size_t indent = line.size() + 4 < kReplyEnd ? kReplyEnd - line.size() - 2 : 2;
  return std::string(indent, ' ') + '(' + line + ")\n";
}

// Those that wait; of a message that owes its sender a notice, those that failed.
std::string recipients(const MessageRow& row) {
  bool waits = false;
  for (const RecipientRow& one : row.recipients)
    waits |= one.state == "pending";
  std::string text;
  std::string last;
  for (const RecipientRow& one : row.recipients) {
    if (one.state != (waits ? "pending" : "failed")) continue;
    if (!one.reply.empty() && one.reply != last) text += reason(one.reply);
    last = one.reply;
    text += columns("", "", "", printable(one.address));
  }
  return text;
}

} // namespace

std::string MailqOutput::message(const MessageRow& row) {
  std::string text;
  if (messages_ == 0) {
    text = columns("-Queue ID-", "--Size--", "----Arrival Time----", "-Sender/Recipient-------");
  } else {
    text = "\n";
  }
  ++messages_;
  bytes_ += row.size;
  const std::string sender = row.sender.empty() ? "MAILER-DAEMON" : printable(row.sender);
  text += columns(printable(row.id) + (row.held ? "!" : ""), std::to_string(row.size),
                  local_time(row.arrived), sender);
  return text + recipients(row);
}

std::string MailqOutput::end() const {
  if (messages_ == 0) return "Mail queue is empty\n";
  constexpr std::uint64_t kKbyte = 1024;
  return "\n-- " + std::to_string((bytes_ + kKbyte - 1) / kKbyte) + " Kbytes in " +
         std::to_string(messages_) + (messages_ == 1 ? " Request.\n" : " Requests.\n");
}

} // namespace waypost::queue
