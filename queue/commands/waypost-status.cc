// waypost-status: does the queue manager run, and how much is in the queue? waypost-status(1).
//
// Privileges: the caller's.
#include <cstdio>

#include "lib/sys/json.h"
#include "lib/sys/log.h"
#include "queue/commands/arguments.h"
#include "queue/commands/ask.h"

namespace {

constexpr const char* kName = "waypost status";

using waypost::Record;

void print_text(const Record& status, bool running) {
  const auto number = [&](std::string_view key) {
    return std::to_string(status.number(key).value_or(0));
  };
  std::string line = running ? "The queue manager is running." : "No queue manager is running.";
  line += "\nMessages in the queue: " + number("queued") + ", held: " + number("held");
  if (running) {
    line += ", being tried now: " + number("active");
    line += "\nConfiguration: generation " + number("generation");
    if (status.number("generation").value_or(0) == 0) line += " (defaults; none was compiled yet)";
  }
  std::puts(line.c_str());
}

void print_json(const Record& status, bool running) {
  waypost::JsonObject object;
  object.boolean("running", running);
  for (const char* key : {"queued", "active", "held", "generation"}) {
    const auto value = status.number(key);
    if (value) object.number(key, *value);
    if (!value) object.null(key);
  }
  std::puts(object.str().c_str());
}

} // namespace

int main(int argc, char** argv) {
  using namespace waypost::queue;
  waypost::set_log_program("waypost-status");
  const auto arguments = Arguments::parse(argc, argv, {{"json"}});
  if (!arguments) return finish_badly(kName, arguments.error().text, kPermanent);
  if (!arguments->operands().empty())
    return finish_badly(kName, "usage: waypost status [--json]", kPermanent);

  Record request;
  request.add("command", "status");
  const bool json = arguments->has("json");
  const waypost::Home home = waypost::find_home();
  const auto print = [&](const Record& answer, bool running) -> waypost::Result<> {
    if (answer.get("type") != "status") return {};
    if (json) print_json(answer, running);
    if (!json) print_text(answer, running);
    return {};
  };
  const auto running =
      ask_manager(home.control(), request,
                  [&](const Record& answer, std::string_view) { return print(answer, true); });
  if (running || !nobody_listens(running.error())) return finish(kName, running);
  auto stopped = ask_queue(
      home, request, [&](const Record& answer, std::string_view) { return print(answer, false); });
  if (stopped) stopped->status = kTemporary;
  return finish(kName, stopped);
}
