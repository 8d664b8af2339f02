// waypost-list: the queue, a line a message; with --mailq as mailq prints it; with --transports the
// transports and what holds them back. waypost-list(1).
//
// Privileges: the caller's. The queue manager shows what the caller may see.
#include <cstdio>
#include <sysexits.h>

#include "lib/sys/log.h"
#include "queue/commands/ask.h"
#include "queue/commands/filters.h"
#include "queue/commands/list_output.h"
#include "queue/commands/mailq_output.h"
#include "queue/commands/progress.h"
#include "queue/commands/transport_table.h"

namespace {

using namespace waypost::queue;
using waypost::Record;

constexpr const char* kName = "waypost list";

// Asks, and gives every row to `each`.
waypost::Result<Ending> list(const Record& request, std::function<void(const MessageRow&)> each) {
  Progress progress;
  RowCollector rows([&](const MessageRow& row) {
    progress.clear();
    each(row);
  });
  auto ending = ask_queue(waypost::find_home(), request,
                          [&](const Record& answer, std::string_view) -> waypost::Result<> {
                            if (answer.get("type") == "message") return rows.take(answer);
                            progress.tell(answer, {});
                            return {};
                          });
  rows.end();
  return ending;
}

int run_list(const Record& request, bool json) {
  const waypost::WallUs now = waypost::RealClock().wall_us();
  bool first = true;
  const auto ending = list(request, [&](const MessageRow& row) {
    if (!json && first) std::puts(list_heading().c_str());
    first = false;
    std::puts((json ? list_json(row) : list_line(row, now)).c_str());
  });
  return finish(kName, ending);
}

// Callers of mailq know sysexits(3).
int run_mailq(const Record& request) {
  MailqOutput output;
  const auto ending = list(
      request, [&](const MessageRow& row) { std::fputs(output.message(row).c_str(), stdout); });
  if (ending) std::fputs(output.end().c_str(), stdout);
  const int status = finish("mailq", ending);
  return status == kTemporary ? EX_TEMPFAIL : status == kPermanent ? EX_USAGE : status;
}

// With no manager running nobody knows what is held.
int run_transports(bool json) {
  Record request;
  request.add("command", "transports");
  const waypost::Home home = waypost::find_home();
  TransportTable table;
  const auto take = [&](const Record& answer, std::string_view) { return table.take(answer); };
  auto ending = ask_manager(home.control(), request, take);
  const bool running = ending || !nobody_listens(ending.error());
  if (!running) ending = ask_queue(home, request, take);
  if (!ending) return finish(kName, ending);
  const waypost::WallUs now = waypost::RealClock().wall_us();
  for (const std::string& line : json ? table.json(running, now) : table.lines(running, now))
    std::puts(line.c_str());
  if (!running && ending->status == 0) *ending = {kTemporary, "the queue manager is not running"};
  return finish(kName, ending);
}

} // namespace

int main(int argc, char** argv) {
  waypost::set_log_program("waypost-list");
  std::vector<Option> options = filter_options();
  for (const char* one : {"json", "mailq", "transports"})
    options.push_back({one});
  const auto arguments = Arguments::parse(argc, argv, options);
  if (!arguments) return refuse_arguments(kName, arguments.error(), "[ID ...]");
  Record request;
  request.add("command", "list");
  const auto filters = add_filters(request, *arguments, true);
  if (!filters) return finish_badly(kName, filters.error().text, kPermanent);
  const bool transports = arguments->has("transports");
  if (transports && request.size() > 1)
    return finish_badly(kName, "--transports takes no filter", kPermanent);
  waypost::confine(promises_of_command(waypost::find_home()));
  if (transports) return run_transports(arguments->has("json"));
  if (arguments->has("mailq")) return run_mailq(request);
  return run_list(request, arguments->has("json"));
}
