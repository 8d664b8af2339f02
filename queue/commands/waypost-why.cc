// waypost-why: the story of one message. waypost-why(1).
//
// Privileges: the caller's. The queue manager tells what the caller may know.
#include <cstdio>

#include "lib/sys/log.h"
#include "queue/commands/arguments.h"
#include "queue/commands/ask.h"
#include "queue/commands/story.h"

namespace {

constexpr const char* kName = "waypost why";

} // namespace

int main(int argc, char** argv) {
  using namespace waypost::queue;
  waypost::set_log_program("waypost-why");
  const auto arguments = Arguments::parse(argc, argv, {{"json"}, {"transcript"}});
  if (!arguments) return refuse_arguments(kName, arguments.error(), "ID");
  if (arguments->operands().size() != 1)
    return finish_badly(kName, "usage: waypost why [--json] [--transcript] ID", kPermanent);

  waypost::Record request;
  request.add("command", "why").add("id", arguments->operands().front());
  const bool dialogues = arguments->has("transcript");
  if (dialogues) request.add("transcript", "1");
  const waypost::Home home = waypost::find_home();
  waypost::confine(promises_of_command(home));
  Story story;
  const auto ending =
      ask_queue(home, request, [&](const waypost::Record& answer, std::string_view) {
        return story.take(answer);
      });
  story.end();
  if (story.empty()) return finish(kName, ending);
  if (arguments->has("json")) {
    const auto print = [](const std::string& line) { std::puts(line.c_str()); };
    story.json(print);
    if (dialogues) story.dialogues_json(print);
  } else {
    std::fputs(story.text(waypost::RealClock().wall_us()).c_str(), stdout);
    if (dialogues) std::fputs(story.dialogues().c_str(), stdout);
  }
  return finish(kName, ending);
}
