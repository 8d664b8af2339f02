#include "deliver/reply_words.h"

#include "deliver/reply_phrases.h"
#include "lib/sys/text.h"

namespace waypost::deliver {
namespace {

// The lines as one, in lower case, without the enhanced code that each may repeat: servers break
// their sentences anywhere ("very low reputation of the / 4.7.0 sending domain"). Only as much as
// anybody has to say: a reply of 64 KiB must not cost a search through all of it for each phrase.
std::string flowing(const Reply& reply) {
  constexpr std::size_t kMost = 4096;
  std::string text;
  std::string_view rest = std::string_view(reply.text).substr(0, kMost);
  while (!rest.empty()) {
    std::string_view line = cut(rest, '\n');
    if (EnhancedCode::parse(line)) {
      const std::size_t end = line.find(' ');
      line = end == std::string_view::npos ? "" : line.substr(end);
    }
    line = trim(line);
    if (!text.empty() && !line.empty()) text += ' ';
    text += line;
  }
  return ascii_lower(text);
}

bool stands_in(std::string_view text, std::string_view phrase) {
  while (!phrase.empty()) {
    const std::string_view part = cut(phrase, '*');
    const std::size_t at = text.find(part);
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + part.size());
  }
  return true;
}

bool any_stands_in(std::string_view text, Phrases phrases) {
  for (const std::string_view phrase : phrases)
    if (stands_in(text, phrase)) return true;
  return false;
}

bool applies(When when, const Reply& reply) {
  switch (when) {
  case When::always: return true;
  case When::transient: return reply.transient();
  case When::permanent: return reply.permanent();
  }
  return false;
}

// 4.7.1 says that policy sends us away for now. With nothing but "come back" that is greylisting
// (rspamd: "4.7.1 Try again later"), unless the server tells of trouble of its own.
bool sends_away_once(Stage stage, const Reply& reply, std::string_view text) {
  static constexpr auto kComeBack =
      std::to_array<std::string_view>({"try again", "try later", "retry later", "come back"});
  static constexpr auto kOwnTrouble =
      std::to_array<std::string_view>({"unavailable", "problem", "error", "busy", "lookup"});
  if (reply.code != 450 && reply.code != 451) return false;
  if (reply.status.subject != 7 || reply.status.detail != 1) return false;
  if (stage != Stage::rcpt && !text.starts_with("try again later")) return false;
  return any_stands_in(text, kComeBack) && !any_stands_in(text, kOwnTrouble);
}

} // namespace

FailureClass class_by_words(Stage stage, const Reply& reply) {
  const std::string text = flowing(reply);
  if (text.empty()) return FailureClass::none;
  for (const Group& group : kGroups)
    if (applies(group.when, reply) && any_stands_in(text, group.phrases)) return group.klass;
  return sends_away_once(stage, reply, text) ? FailureClass::greylisted : FailureClass::none;
}

bool says_too_many_recipients(const Reply& reply) {
  if (reply.code != 452 && reply.code != 552) return false;
  if (reply.status.subject == 5 && reply.status.detail == 3) return true;
  if (ascii_lower(reply.text).find("too many") != std::string::npos) return true;
  // RFC 5321 4.5.3.1.10: 452 is its code; 552 without further words is a full mailbox.
  return reply.code == 452 && reply.status.subject == 0;
}

} // namespace waypost::deliver
