// waypost-why: the story of one message, or of all that wait to or from an address. waypost-why(1).
//
// Privileges: the caller's. The queue manager tells what the caller may know.
#include <algorithm>
#include <cstdio>

#include "lib/sys/log.h"
#include "queue/commands/arguments.h"
#include "queue/commands/ask.h"
#include "queue/commands/story.h"

namespace {

using namespace waypost::queue;
using waypost::Record;
using waypost::Result;

constexpr const char* kName = "waypost why";
constexpr const char* kUsage = "usage: waypost why [--json] [--transcript] ID | ADDRESS";
constexpr std::size_t kMostStories = 10; // of an address

struct Manner {
  bool json = false;
  bool dialogues = false;
};

int tell(const waypost::Home& home, const std::string& id, const Manner& manner) {
  Record request;
  request.add("command", "why").add("id", id);
  if (manner.dialogues) request.add("transcript", "1");
  Story story;
  const auto ending = ask_queue(
      home, request, [&](const Record& answer, std::string_view) { return story.take(answer); });
  story.end();
  if (story.empty()) return finish(kName, ending);
  if (manner.json) {
    const auto print = [](const std::string& line) { std::puts(line.c_str()); };
    story.json(print);
    if (manner.dialogues) story.dialogues_json(print);
  } else {
    std::fputs(story.text(waypost::RealClock().wall_us()).c_str(), stdout);
    if (manner.dialogues) std::fputs(story.dialogues().c_str(), stdout);
  }
  return finish(kName, ending);
}

// The messages that waypost-list shows with this filter, oldest first.
Result<Ending> list(const waypost::Home& home, std::string_view filter, std::string_view address,
                    std::vector<std::string>& ids) {
  Record request;
  request.add("command", "list").add(filter, address);
  RowCollector rows([&ids](const MessageRow& row) { ids.push_back(row.id); });
  auto ending =
      ask_queue(home, request, [&rows](const Record& answer, std::string_view) -> Result<> {
        if (answer.get("type") == "message") return rows.take(answer);
        return {};
      });
  rows.end();
  return ending;
}

// The newest stories of what waits to the address or, where nothing does, from it.
int tell_of(const waypost::Home& home, const std::string& address, const Manner& manner) {
  std::vector<std::string> ids;
  std::string filter = "to";
  Result<Ending> ending = list(home, filter, address, ids);
  if (ending && ending->status == 0 && ids.empty()) {
    filter = "from";
    ending = list(home, filter, address, ids);
  }
  if (!ending || ending->status != 0) return finish(kName, ending);
  if (ids.empty()) {
    return finish_badly(kName,
                        "nothing waits to or from " + address +
                            ". What was delivered or returned has left the queue: its story is in "
                            "the log, on lines with to=" +
                            address,
                        kPermanent);
  }
  const std::size_t told = std::min(ids.size(), kMostStories);
  if (told < ids.size()) {
    std::printf("%zu messages wait %s %s; these are the newest %zu. All: waypost list --%s %s\n\n",
                ids.size(), filter.c_str(), address.c_str(), told, filter.c_str(), address.c_str());
  }
  for (std::size_t i = ids.size() - told; i < ids.size(); ++i) {
    if (i > ids.size() - told) std::puts("");
    // Of one that has left meanwhile that is said, and the others are told all the same.
    if (tell(home, ids[i], manner) == kTemporary) return kTemporary;
  }
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  waypost::set_log_program("waypost-why");
  const auto arguments = Arguments::parse(argc, argv, {{"json"}, {"transcript"}});
  if (!arguments) return refuse_arguments(kName, arguments.error(), "ID | ADDRESS");
  if (arguments->operands().size() != 1) return finish_badly(kName, kUsage, kPermanent);
  const std::string what(arguments->operands().front());
  const bool address = what.contains('@');
  const Manner manner{arguments->has("json"), arguments->has("transcript")};
  if (address && manner.json)
    return finish_badly(kName, "--json takes an ID: waypost list --json has those of an address",
                        kPermanent);
  const waypost::Home home = waypost::find_home();
  waypost::confine(promises_of_command(home));
  return address ? tell_of(home, what, manner) : tell(home, what, manner);
}
