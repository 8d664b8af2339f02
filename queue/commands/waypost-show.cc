// waypost-show: a message of the queue as it is stored. waypost-show(1).
//
// Privileges: the caller's. The queue manager shows what the caller may see.
#include <cstdio>

#include "lib/sys/log.h"
#include "queue/commands/arguments.h"
#include "queue/commands/ask.h"
#include "queue/commands/line_ends.h"

namespace {

constexpr const char* kName = "waypost show";

waypost::Result<> put(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size()) return {};
  return waypost::fail_errno("write to standard output");
}

} // namespace

int main(int argc, char** argv) {
  using namespace waypost::queue;
  waypost::set_log_program("waypost-show");
  const auto arguments = Arguments::parse(argc, argv, {{"lf"}});
  if (!arguments) return refuse_arguments(kName, arguments.error(), "ID");
  if (arguments->operands().size() != 1)
    return finish_badly(kName, "usage: waypost show [--lf] ID", kPermanent);

  waypost::Record request;
  request.add("command", "show").add("id", arguments->operands().front());
  const waypost::Home home = waypost::find_home();
  waypost::confine(promises_of_command(home));
  const bool unix_lines = arguments->has("lf");
  LineEnds lines;
  const auto ending =
      ask_queue(home, request,
                [&](const waypost::Record& answer, std::string_view content) -> waypost::Result<> {
                  if (answer.get("type") != "content") return {};
                  return put(unix_lines ? lines.take(content) : std::string(content));
                });
  if (unix_lines) {
    const auto rest = put(lines.end());
    if (!rest) return finish_badly(kName, rest.error().text, kTemporary);
  }
  return finish(kName, ending);
}
