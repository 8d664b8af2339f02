// waypost-stats: the figures of the running queue manager, for a person, as JSON, or as Prometheus
// text. waypost-stats(1), waypost-metrics(7).
//
// Privileges: the caller's; waypost-privilege(7) says what of them it keeps.
#include <cstdio>
#include <unistd.h>

#include "lib/sys/log.h"
#include "queue/commands/arguments.h"
#include "queue/commands/ask.h"
#include "queue/commands/replace_file.h"
#include "queue/commands/stats_text.h"

namespace {

using namespace waypost::queue;

constexpr const char* kName = "waypost stats";

// To ask the manager, and to replace the one file.
waypost::Promises promises(const waypost::Home& home, const Arguments& arguments) {
  waypost::Promises promises{.may = waypost::May::local, .read = {home.etc}};
  if (const auto path = arguments.value("output")) {
    const std::string folder(path->substr(0, path->rfind('/') + 1));
    promises.write = {folder.empty() ? "." : folder};
  }
  return promises;
}

std::string form(const Arguments& arguments, const MetricSamples& samples) {
  if (arguments.has("prometheus")) return samples.prometheus();
  const bool text =
      !arguments.has("json") && (arguments.has("text") || ::isatty(STDOUT_FILENO) == 1);
  return text ? stats_text(samples, waypost::RealClock().wall_us()) : samples.json() + "\n";
}

int print(const Arguments& arguments, const std::string& text, const Ending& ending) {
  if (const auto path = arguments.value("output")) {
    const waypost::Result<> written = replace_file(std::string(*path), text);
    if (!written)
      return finish_badly(kName, std::string(*path) + ": " + written.error().text, kTemporary);
  } else {
    std::fwrite(text.data(), 1, text.size(), stdout);
  }
  return finish(kName, ending);
}

} // namespace

int main(int argc, char** argv) {
  waypost::set_log_program("waypost-stats");
  const auto arguments =
      Arguments::parse(argc, argv, {{"json"}, {"text"}, {"prometheus"}, {"output", true}});
  if (!arguments) return refuse_arguments(kName, arguments.error());
  const int forms = static_cast<int>(arguments->has("json")) +
                    static_cast<int>(arguments->has("text")) +
                    static_cast<int>(arguments->has("prometheus"));
  if (!arguments->operands().empty() || forms > 1)
    return finish_badly(
        kName, "usage: waypost stats [--json | --text | --prometheus] [--output FILE]", kPermanent);
  const waypost::Home home = waypost::find_home();
  waypost::confine(promises(home, *arguments));
  waypost::Record request;
  request.add("command", "stats");
  MetricSamples samples;
  const auto ending =
      ask_manager(home.control(), request, [&](const waypost::Record& answer, std::string_view) {
        return answer.get("type") == "metric" ? samples.take(answer) : waypost::Result<>();
      });
  if (!ending && nobody_listens(ending.error()))
    return finish_badly(kName, "no queue manager is running, and figures are its own", kTemporary);
  if (!ending || ending->status != 0) return finish(kName, ending);
  return print(*arguments, form(*arguments, samples), *ending);
}
