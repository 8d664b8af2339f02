#include "queue/commands/change_tally.h"

namespace waypost::queue {
namespace {

std::string done_word(Verb verb) {
  switch (verb) {
  case Verb::hold: return "held";
  case Verb::release: return "released";
  case Verb::kick: return "due now";
  case Verb::drop: return "dropped";
  case Verb::bounce: return "bounced";
  case Verb::requeue: return "requeued";
  }
  return {};
}

std::string already_words(Verb verb) {
  if (verb == Verb::hold) return "held already";
  if (verb == Verb::release) return "not held";
  return "being dropped already"; // what all others leave alone
}

std::string number_of(std::uint64_t count, const std::string& one, const std::string& more) {
  return std::to_string(count) + (count == 1 ? one : more);
}

} // namespace

std::uint64_t ChangeTally::of(Effect effect) const {
  const auto at = counts_.find(effect);
  return at == counts_.end() ? 0 : at->second;
}

std::string ChangeTally::so_far() const {
  return std::to_string(changed()) + ' ' + done_word(verb_);
}

std::string ChangeTally::sentence(bool dry) const {
  if (counts_.empty() && failed_ == 0) return "No message matches.";
  std::string text = number_of(changed(), " message ", " messages ");
  text += (dry ? "would be " : "") + done_word(verb_) + '.';
  if (const auto count = of(Effect::already); count > 0)
    text += ' ' + number_of(count, " was ", " were ") + already_words(verb_) + '.';
  if (const auto count = of(Effect::held); count > 0)
    text += ' ' + number_of(count, " is held and was", " are held and were") +
            " left alone: `waypost release` comes first.";
  if (const auto count = of(Effect::settled); count > 0)
    text += ' ' + number_of(count, " has", " have") + " no recipient waiting any more.";
  if (failed_ > 0) text += ' ' + std::to_string(failed_) + " failed.";
  return text;
}

} // namespace waypost::queue
