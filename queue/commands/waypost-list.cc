// waypost-list: the queue, a line a message. waypost-list(1).
//
// Privileges: the caller's. The queue manager shows what the caller may see.
#include <cstdio>

#include "lib/sys/log.h"
#include "lib/sys/text.h"
#include "queue/commands/arguments.h"
#include "queue/commands/ask.h"
#include "queue/commands/list_output.h"

namespace {

using namespace std::string_view_literals;
using waypost::Record;
using waypost::Result;
using waypost::queue::Arguments;

constexpr const char* kName = "waypost list";

Result<Record> request_of(const Arguments& arguments) {
  Record request;
  request.add("command", "list");
  if (!arguments.operands().empty())
    return waypost::fail("what is '" + waypost::printable(arguments.operands().front()) +
                         "'? Filters are options: --id ID, --to ADDRESS, ...");
  for (const std::string_view key :
       {"id"sv, "from"sv, "to"sv, "domain"sv, "account"sv, "transport"sv, "class"sv}) {
    if (const auto value = arguments.value(key)) request.add(key, *value);
  }
  if (arguments.has("held")) request.add("held", "1");
  if (const auto age = arguments.value("older")) {
    const auto seconds = waypost::queue::parse_age(*age);
    if (!seconds) return waypost::fail("--older wants an age like 30m, 4h or 2d");
    request.add_number("older", *seconds);
  }
  return request;
}

} // namespace

int main(int argc, char** argv) {
  using namespace waypost::queue;
  waypost::set_log_program("waypost-list");
  const auto arguments = Arguments::parse(argc, argv,
                                          {{"id", true},
                                           {"from", true},
                                           {"to", true},
                                           {"domain", true},
                                           {"account", true},
                                           {"transport", true},
                                           {"class", true},
                                           {"held"},
                                           {"older", true},
                                           {"json"}});
  if (!arguments) return finish_badly(kName, arguments.error().text, kPermanent);
  const auto request = request_of(*arguments);
  if (!request) return finish_badly(kName, request.error().text, kPermanent);

  const bool json = arguments->has("json");
  const waypost::WallUs now = waypost::RealClock().wall_us();
  bool first = true;
  RowCollector rows([&](const MessageRow& row) {
    if (!json && first) std::puts(list_heading().c_str());
    first = false;
    std::puts((json ? list_json(row) : list_line(row, now)).c_str());
  });
  const auto ending =
      ask_queue(waypost::find_home(), *request,
                [&](const Record& answer, std::string_view) { return rows.take(answer); });
  rows.end();
  return finish(kName, ending);
}
