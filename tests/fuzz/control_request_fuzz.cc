// Any request on the control socket: it is refused, or it says which messages are meant. What would
// change the whole queue is never understood without all=1.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lib/mail/snapshot.h"
#include "queue/manager/change_request.h"

using namespace waypost;
using namespace waypost::queue;

namespace {

const Snapshot& snapshot() {
  static const Snapshot one = [] {
    Snapshot made;
    made.transports.emplace_back().name = "direct";
    return made;
  }();
  return one;
}

void check(const Record& record, const ChangeRequest& request) {
  bool filters = false;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const std::string_view key = record.field(i).key;
    const bool hand = key == "hand" && request.change.verb == Verb::kick;
    filters |= key != "command" && key != "all" && key != "dry" && !hand;
  }
  if (!filters && record.get("all").empty()) std::abort();
  if (name(request.change.verb) != record.get("command")) std::abort();
  if (!request.change.by.empty()) std::abort(); // that is the kernel's to say
  if (request.change.hand && !request.change.hand->empty() && *request.change.hand != "direct")
    std::abort();
  for (const std::string& id : request.filter.ids()) {
    if (!MessageId::parse(id)) std::abort();
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto record = Record::decode({reinterpret_cast<const char*>(data), size});
  if (!record) return 0;
  const auto change = change_request(*record, snapshot());
  if (change) check(*record, *change);
  static_cast<void>(ControlFilter::parse(*record));
  return 0;
}
