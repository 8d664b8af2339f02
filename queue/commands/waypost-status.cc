// waypost-status: does the queue manager run, and how much is in the queue? waypost-status(1).
//
// Privileges: the caller's.
#include <cstdio>

#include "lib/mail/sender_state.h"
#include "lib/sys/json.h"
#include "lib/sys/log.h"
#include "lib/sys/text.h"
#include "queue/commands/arguments.h"
#include "queue/commands/ask.h"
#include "queue/commands/text_table.h"

namespace {

constexpr const char* kName = "waypost status";

using waypost::Record;

// What the answers told, put together.
struct Status {
  Record numbers;
  waypost::SenderState senders;
  bool told = false;

  waypost::Result<> take(const Record& answer) {
    if (answer.get("type") == "status") {
      numbers = answer;
      told = true;
    }
    if (answer.get("type") != "senders") return {};
    auto state = waypost::sender_state(answer);
    if (!state) return std::unexpected(state.error());
    senders = std::move(*state);
    return {};
  }
};

void print_text(const Status& status, bool running) {
  const auto number = [&](std::string_view key) {
    return std::to_string(status.numbers.number(key).value_or(0));
  };
  std::string line = running ? "The queue manager is running." : "No queue manager is running.";
  line += "\nMessages in the queue: " + number("queued") + ", held: " + number("held");
  if (running) {
    line += ", being tried now: " + number("active");
    line += "\nConfiguration: generation " + number("generation");
    if (status.numbers.number("generation").value_or(0) == 0)
      line += " (defaults; none was compiled yet)";
  }
  std::puts(line.c_str());
  for (const waypost::HeldTransport& one : status.senders.held) {
    const std::string held = "Held back: transport " + waypost::printable(one.transport) + " (" +
                             std::string(name(one.klass)) +
                             "): " + waypost::queue::one_line(one.reply);
    std::puts(held.c_str());
  }
}

void print_json(const Status& status, bool running) {
  waypost::JsonObject object;
  object.boolean("running", running);
  for (const char* key : {"queued", "active", "held", "generation"}) {
    const auto value = status.numbers.number(key);
    if (value) object.number(key, *value);
    if (!value) object.null(key);
  }
  waypost::JsonArray transports;
  for (std::size_t i = 0; i < status.numbers.size(); ++i) {
    const Record::Field field = status.numbers.field(i);
    if (field.key == "transport") transports.add(waypost::json_string(field.value));
  }
  waypost::JsonArray held;
  for (const waypost::HeldTransport& one : status.senders.held) {
    waypost::JsonObject row;
    row.text("transport", one.transport).text("class", name(one.klass));
    held.add(row.some_text("reply", one.reply).str());
  }
  object.raw("transports", transports.str()).raw("held_transports", held.str());
  std::puts(object.str().c_str());
}

void print(const Status& status, bool running, bool json) {
  if (status.told && json) print_json(status, running);
  if (status.told && !json) print_text(status, running);
}

} // namespace

int main(int argc, char** argv) {
  using namespace waypost::queue;
  waypost::set_log_program("waypost-status");
  const auto arguments = Arguments::parse(argc, argv, {{"json"}});
  if (!arguments) return refuse_arguments(kName, arguments.error());
  if (!arguments->operands().empty())
    return finish_badly(kName, "usage: waypost status [--json]", kPermanent);

  Record request;
  request.add("command", "status");
  const bool json = arguments->has("json");
  const waypost::Home home = waypost::find_home();
  confine(promises_of_command(home));
  Status status;
  const auto take = [&](const Record& answer, std::string_view) { return status.take(answer); };
  const auto running = ask_manager(home.control(), request, take);
  if (running || !nobody_listens(running.error())) {
    if (running) print(status, true, json);
    return finish(kName, running);
  }
  auto stopped = ask_queue(home, request, take);
  if (stopped) print(status, false, json);
  if (stopped) stopped->status = kTemporary;
  return finish(kName, stopped);
}
