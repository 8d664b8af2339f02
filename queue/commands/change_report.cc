#include "queue/commands/change_report.h"

#include <cstdio>

#include "lib/sys/json.h"
#include "queue/commands/ask.h"
#include "queue/commands/list_output.h"

namespace waypost::queue {
namespace {

std::string changed_json(const Record& answer, std::optional<Effect> effect) {
  JsonObject object;
  object.text("id", answer.get("id")).text("result", effect ? name(*effect) : "failed");
  return object.some_text("error", answer.get("text")).str();
}

} // namespace

ChangeReport::ChangeReport(Verb verb, bool json, bool dry)
    : program_("waypost " + std::string(name(verb))),
      json_(json),
      dry_(dry),
      tally_(verb) {}

Result<> ChangeReport::take(const Record& answer) {
  const std::string_view type = answer.get("type");
  if (type == "message") return rows_.take(answer);
  if (type == "progress") progress_.tell(answer, tally_.so_far());
  return type == "changed" ? take_changed(answer) : Result<>();
}

void ChangeReport::take_row(const MessageRow& row) {
  progress_.clear();
  tally_.count(Effect::changed);
  if (!json_ && tally_.changed() == 1) std::puts(list_heading().c_str());
  std::puts((json_ ? list_json(row) : list_line(row, now_)).c_str());
}

Result<> ChangeReport::take_changed(const Record& answer) {
  const auto effect = parse_effect(answer.get("effect"));
  if (!effect && !answer.has("text"))
    return fail("the queue manager's answer does not say what it did");
  if (effect) {
    tally_.count(*effect);
  } else {
    tally_.count_failure();
    progress_.clear();
    finish_badly(program_, std::string(answer.get("id")) + ": " + std::string(answer.get("text")),
                 0);
  }
  if (json_) std::puts(changed_json(answer, effect).c_str());
  return {};
}

int ChangeReport::finish(const Result<Ending>& ending, bool interrupted) {
  rows_.end();
  progress_.clear();
  const bool worked = ending.has_value() && ending->text.empty();
  if (!json_ && (worked || interrupted || tally_.changed() > 0))
    std::puts(tally_.sentence(dry_).c_str());
  if (interrupted && worked) return finish_badly(program_, "interrupted", kTemporary);
  return queue::finish(program_, ending);
}

} // namespace waypost::queue
