#include "queue/commands/filters.h"

#include "lib/mail/message_id.h"
#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

Result<> add_id(Record& request, std::string_view id) {
  if (!MessageId::parse(id)) {
    return fail(printable(id) +
                " is no message's id; other filters are options: --to ADDRESS, ...");
  }
  request.add("id", id);
  return {};
}

} // namespace

std::vector<Option> filter_options() {
  return {{"id", true},      {"from", true},          {"to", true},    {"domain", true},
          {"account", true}, {"transport", true},     {"class", true}, {"held", false},
          {"older", true},   {"last-transport", true}};
}

Result<> add_filters(Record& request, const Arguments& arguments, bool by_transport) {
  std::vector<std::string_view> ids = arguments.values("id");
  ids.insert(ids.end(), arguments.operands().begin(), arguments.operands().end());
  for (const std::string_view id : ids) {
    const Result<> added = add_id(request, id);
    if (!added) return added;
  }
  for (const char* key : {"from", "to", "domain", "account", "class"}) {
    if (const auto value = arguments.value(key)) request.add(key, *value);
  }
  for (const char* option : {"transport", "last-transport"}) {
    const bool filters = by_transport || std::string_view(option) != "transport";
    const auto value = arguments.value(option);
    if (filters && value) request.add("transport", *value);
  }
  if (arguments.has("held")) request.add("held", "1");
  if (const auto age = arguments.value("older")) {
    const auto seconds = parse_age(*age);
    if (!seconds) return fail("--older wants an age like 30m, 4h or 2d");
    request.add_number("older", *seconds);
  }
  return {};
}

} // namespace waypost::queue
