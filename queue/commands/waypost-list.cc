// waypost-list: the queue, a line a message. waypost-list(1).
//
// Privileges: the caller's. The queue manager shows what the caller may see.
#include <cstdio>

#include "lib/sys/log.h"
#include "queue/commands/arguments.h"
#include "queue/commands/ask.h"
#include "queue/commands/filters.h"
#include "queue/commands/list_output.h"

namespace {

using waypost::Record;

constexpr const char* kName = "waypost list";

} // namespace

int main(int argc, char** argv) {
  using namespace waypost::queue;
  waypost::set_log_program("waypost-list");
  std::vector<Option> options = filter_options();
  options.push_back({"json"});
  const auto arguments = Arguments::parse(argc, argv, options);
  if (!arguments) return finish_badly(kName, arguments.error().text, kPermanent);
  Record request;
  request.add("command", "list");
  const auto filters = add_filters(request, *arguments, true);
  if (!filters) return finish_badly(kName, filters.error().text, kPermanent);

  const bool json = arguments->has("json");
  const waypost::WallUs now = waypost::RealClock().wall_us();
  bool first = true;
  RowCollector rows([&](const MessageRow& row) {
    if (!json && first) std::puts(list_heading().c_str());
    first = false;
    std::puts((json ? list_json(row) : list_line(row, now)).c_str());
  });
  const auto ending =
      ask_queue(waypost::find_home(), request,
                [&](const Record& answer, std::string_view) { return rows.take(answer); });
  rows.end();
  return finish(kName, ending);
}
