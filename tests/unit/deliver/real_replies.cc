#include "tests/unit/deliver/real_replies.h"

#include <criterion/criterion.h>

#include "lib/sys/text.h"

namespace waypost::deliver {
namespace {

// The reply, when it ends with the last line of the row.
std::optional<Reply> parse(const RealReply& row) {
  ReplyParser parser;
  std::string_view rest = row.wire;
  while (!rest.empty()) {
    const Result<std::optional<Reply>> reply = parser.line(cut(rest, '\n'));
    if (!reply) return std::nullopt;
    if (*reply) return rest.empty() ? *reply : std::nullopt;
  }
  return std::nullopt;
}

Outcome judge(const RealReply& row, const Reply& reply) {
  return row.stage < Stage::mail ? host_refusal(row.stage, reply) : reply_outcome(row.stage, reply);
}

} // namespace

void expect_classes(std::span<const RealReply> rows) {
  for (const RealReply& row : rows) {
    const std::optional<Reply> reply = parse(row);
    cr_expect(reply.has_value(), "%s: is no whole reply: %s", row.name, row.wire);
    if (!reply) continue;
    const Outcome outcome = judge(row, *reply);
    cr_expect(outcome.klass == row.klass, "%s: %s instead of %s: %s", row.name,
              std::string(name(outcome.klass)).c_str(), std::string(name(row.klass)).c_str(),
              row.wire);
    cr_expect(outcome.disposition == row.disposition, "%s: %s instead of %s", row.name,
              std::string(name(outcome.disposition)).c_str(),
              std::string(name(row.disposition)).c_str());
    cr_expect(outcome.code == reply->code && outcome.reply == reply->text, "%s: the reply is kept",
              row.name);
  }
}

} // namespace waypost::deliver
