#include "queue/commands/change_command.h"

#include "queue/commands/ask.h"
#include "queue/commands/change_report.h"
#include "queue/commands/filters.h"
#include "queue/commands/interrupt.h"

namespace waypost::queue {
namespace {

std::vector<Option> options(Verb verb) {
  std::vector<Option> all = filter_options();
  for (const char* one : {"all", "dry-run", "json"})
    all.push_back({one});
  if (verb == Verb::kick) all.push_back({"routes"});
  return all;
}

// kick: which transport goes before all routes from now on.
Result<> add_hand(Record& request, const Arguments& arguments) {
  const auto transport = arguments.value("transport");
  const bool routes = arguments.has("routes");
  if (transport && routes) return fail("--transport and --routes contradict each other");
  if (transport && transport->empty()) return fail("--routes gives the choice back to the routes");
  if (transport || routes) request.add("hand", transport.value_or(""));
  return {};
}

Result<Record> request_of(Verb verb, const Arguments& arguments) {
  Record request;
  request.add("command", name(verb));
  const Result<> filters = add_filters(request, arguments, verb != Verb::kick);
  if (!filters) return std::unexpected(filters.error());
  const bool all = arguments.has("all");
  if (request.size() == 1 && !all)
    return fail("which messages? Give ids or filters, or --all for the whole queue");
  if (request.size() > 1 && all) return fail("--all and a filter contradict each other");
  if (all) request.add("all", "1");
  if (arguments.has("dry-run")) request.add("dry", "1");
  const Result<> hand = verb == Verb::kick ? add_hand(request, arguments) : Result<>();
  if (!hand) return std::unexpected(hand.error());
  return request;
}

} // namespace

int run_change(Verb verb, int argc, char* const* argv) {
  const std::string program = "waypost " + std::string(name(verb));
  const auto arguments = Arguments::parse(argc, argv, options(verb));
  if (!arguments) return refuse_arguments(program, arguments.error(), "[ID ...]");
  const auto request = request_of(verb, *arguments);
  if (!request) return finish_badly(program, request.error().text, kPermanent);
  const Home home = find_home();
  confine(promises_of_command(home));
  ChangeReport report(verb, arguments->has("json"), arguments->has("dry-run"));
  Interrupt interrupt;
  const auto ending = ask_queue(
      home, *request, [&](const Record& answer, std::string_view) { return report.take(answer); },
      &interrupt);
  return report.finish(ending, interrupt.came());
}

} // namespace waypost::queue
