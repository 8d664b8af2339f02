// Bytes on the query pipe of waypost-route: frames, records, queries, and what routes make of them.
// Every answer must read back, and none may be "direct" past the rule that takes all mail.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lib/sys/netstring.h"
#include "route/answer.h"
#include "route/configuration.h"

namespace {

const waypost::route::Routes& routes() {
  static const waypost::route::Routes all = [] {
    auto snapshot =
        waypost::route::configure("local_domains = [\"here\"]\nalias_file = \"/opt/no/such/file\"\n"
                                  "[transport.relay]\ntype = \"smtp\"\nhost = \"h\"\n"
                                  "[[account.a.route]]\nafter = [\"blocked\"]\n"
                                  "transport = \"relay\"\n"
                                  "[[domain.\"d.example\".route]]\nto = [\".e\"]\n"
                                  "transport = \"relay\"\n"
                                  "[[route]]\nattempt = 2\ntransport = \"relay\"\n"
                                  "[[route]]\ntransport = \"relay\"\n",
                                  "waypost.toml");
    if (!snapshot) std::abort();
    snapshot->settings.generation = 1;
    return waypost::route::Routes(std::move(*snapshot));
  }();
  return all;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (;;) {
    const auto frame = waypost::take_netstring(rest, waypost::kMaxRouteFrame);
    if (!frame || !*frame) return 0;
    const auto record = waypost::Record::decode(**frame);
    if (!record) return 0;
    const auto query = waypost::route_query(*record);
    if (!query) continue;
    const auto again = waypost::route_query(to_record(*query));
    if (!again || *again != *query) std::abort();
    const waypost::RouteAnswer answer = waypost::route::answer(routes(), *query);
    const auto read = waypost::route_answer(to_record(answer));
    if (!read || *read != answer) std::abort();
    if (answer.transport == "direct" && query->hand != "direct") std::abort();
  }
}
