// waypost-top: transports and destinations as mail goes to them, a new picture each second.
// waypost-top(1).
//
// Privileges: the caller's, to ask the queue manager, which tells root and the group wayadmin, and
// to set the terminal.
#include <cstdio>
#include <unistd.h>

#include "lib/sys/log.h"
#include "lib/sys/text.h"
#include "queue/commands/arguments.h"
#include "queue/commands/ask.h"
#include "queue/commands/top_picture.h"
#include "queue/commands/top_terminal.h"

namespace {

using namespace waypost::queue;
using waypost::Record;

constexpr const char* kName = "waypost top";
constexpr std::size_t kAnyWidth = 100'000;

waypost::Result<Ending> ask(TopPicture& picture, std::uint64_t most) {
  Record request;
  request.add("command", "top").add_number("most", most);
  auto ending =
      ask_manager(waypost::find_home().control(), request,
                  [&](const Record& answer, std::string_view) { return picture.take(answer); });
  if (!ending && nobody_listens(ending.error()))
    return waypost::fail("no queue manager is running");
  return ending;
}

int print_once(std::uint64_t most, bool json) {
  TopPicture picture;
  const auto ending = ask(picture, most);
  if (!ending || ending->status != 0) return finish(kName, ending);
  if (json) {
    std::puts(picture.json().c_str());
    return finish(kName, ending);
  }
  for (const std::string& line : picture.lines(kAnyWidth, SIZE_MAX, waypost::RealClock().wall_us()))
    std::puts(line.c_str());
  return finish(kName, ending);
}

// A manager that is not there now may be there in a second: only a refusal ends this.
waypost::Result<Ending> show_until_told(std::uint64_t most) {
  Interrupt interrupt;
  TopTerminal terminal;
  for (;;) {
    TopPicture picture;
    auto ending = ask(picture, most);
    if (ending && ending->status != 0) return ending;
    const TopTerminal::Size size = TopTerminal::size();
    const bool shown = terminal.show(
        ending ? picture.lines(size.width, size.height, waypost::RealClock().wall_us())
               : std::vector<std::string>{waypost::printable(ending.error().text)});
    if (!shown || !terminal.wait(interrupt)) return Ending{};
  }
}

} // namespace

int main(int argc, char** argv) {
  waypost::set_log_program("waypost-top");
  const auto arguments = Arguments::parse(argc, argv, {{"once"}, {"json"}, {"most", true}});
  if (!arguments) return refuse_arguments(kName, arguments.error());
  const auto most = waypost::parse_number(arguments->value("most").value_or("50"), 200);
  if (!arguments->operands().empty() || !most)
    return finish_badly(kName, "usage: waypost top [--once] [--json] [--most N]; N is at most 200",
                        kPermanent);
  waypost::confine({.may = waypost::May::local | waypost::May::terminal});
  const bool json = arguments->has("json");
  const bool once = json || arguments->has("once") || ::isatty(STDOUT_FILENO) != 1;
  return once ? print_once(*most, json) : finish(kName, show_until_told(*most));
}
