#include "queue/manager/change_request.h"

#include <algorithm>

#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

constexpr int kPermanent = 100;
constexpr int kTemporary = 111;

Result<> known_transport(const std::string& transport, const Snapshot& snapshot) {
  if (transport.empty() || snapshot.transport(transport) != nullptr) return {};
  std::string names;
  for (const Transport& one : snapshot.transports)
    names += (names.empty() ? "" : ", ") + one.name;
  return fail("there is no transport " + printable(transport) +
              (names.empty() ? "; no configuration is compiled" : "; there are: " + names));
}

} // namespace

Result<ChangeRequest> change_request(const Record& record, const Snapshot& snapshot) {
  ChangeRequest request;
  const auto verb = parse_verb(record.get("command"));
  if (!verb) return fail("no such command: " + printable(record.get("command")));
  request.change.verb = *verb;
  request.dry = record.get("dry") == "1";
  bool all = false;
  Record filters;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const auto [key, value] = record.field(i);
    if (key == "hand" && *verb == Verb::kick) {
      request.change.hand = value;
    } else if (key == "all") {
      all = value == "1";
    } else if (key != "dry" && key != "command") {
      filters.add(key, value);
    }
  }
  Result<ControlFilter> filter = ControlFilter::parse(filters);
  if (!filter) return std::unexpected(filter.error());
  if (filters.size() == 0 && !all) return fail("which messages? Name them, filter, or say --all");
  if (filters.size() > 0 && all) return fail("--all and a filter contradict each other");
  request.filter = std::move(*filter);
  if (!request.change.hand) return request;
  const Result<> known = known_transport(*request.change.hand, snapshot);
  if (!known) return std::unexpected(known.error());
  return request;
}

Record changed_record(const std::string& id, const Result<Changed>& done) {
  Record record;
  record.add("type", "changed").add("id", id);
  if (done) record.add("effect", name(done->effect));
  if (!done) record.add("text", done.error().text);
  return record;
}

int worse_status(int before, const Result<Changed>& done) {
  if (done) return before;
  return done.error().code == ENOENT ? std::max(before, kPermanent) : kTemporary;
}

} // namespace waypost::queue
