// waypost-list: the queue, a line a message; with --mailq as mailq prints it. waypost-list(1).
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

} // namespace

int main(int argc, char** argv) {
  waypost::set_log_program("waypost-list");
  std::vector<Option> options = filter_options();
  for (const char* one : {"json", "mailq"})
    options.push_back({one});
  const auto arguments = Arguments::parse(argc, argv, options);
  if (!arguments) return refuse_arguments(kName, arguments.error(), "[ID ...]");
  Record request;
  request.add("command", "list");
  const auto filters = add_filters(request, *arguments, true);
  if (!filters) return finish_badly(kName, filters.error().text, kPermanent);
  waypost::confine(promises_of_command(waypost::find_home()));
  if (arguments->has("mailq")) return run_mailq(request);
  return run_list(request, arguments->has("json"));
}
