// What a sender, who talks with the world, says to waypost-deliver: news of its destination and its
// proxy, and words for connections; and what the template takes from waypost-deliver. Frames on a
// pipe, one sender of two, which share what they may connect to: what is taken reads again as it
// was written, and no permit goes beyond the limit.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "deliver/permits.h"
#include "deliver/sender_records.h"
#include "deliver/start.h"
#include "lib/mail/sender_state.h"
#include "lib/sys/netstring.h"

using namespace waypost;
using namespace waypost::deliver;

namespace {

constexpr std::uint32_t kConnections = 2;

void expect(bool good) {
  if (!good) std::abort();
}

// Two senders of one transport, and the permits that each was given.
class Seats {
public:
  void take(std::size_t which, const Record& record) {
    const bool first = which == 0;
    static_cast<void>((first ? first_ : second_).take(record));
  }

private:
  void hear(const Record& said) {
    const std::string_view type = said.get("type");
    expect(type == "alone" || type == "shared" || type == "permit" || type == "yield");
  }

  Permits all_;
  PermitSeat first_{all_, "direct", kConnections, [this](const Record& said) { hear(said); }};
  PermitSeat second_{all_, "direct", kConnections, [this](const Record& said) { hear(said); }};
};

void read_back(const Record& record) {
  const auto down = down_outcome(record);
  if (down) {
    const auto again = down_outcome(down_record(*down));
    expect(again && again->reply == down->reply && again->klass == down->klass);
  }
  const auto proxy = proxy_report(record);
  if (proxy) {
    const bool reached = proxy->news == ProxyNews::reached;
    const auto again = proxy_report(proxy_record(proxy->news, reached ? nullptr : &proxy->outcome));
    expect(again && again->news == proxy->news);
  }
  const auto state = sender_state(record);
  if (state) expect(sender_state(to_record(*state)).has_value());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  Seats seats;
  StartReader reader;
  for (std::size_t turn = 0;; ++turn) {
    const auto frame = take_netstring(rest, kMaxStartFrame);
    if (!frame || !*frame) return 0;
    const auto record = Record::decode(**frame);
    if (!record) return 0;
    read_back(*record);
    seats.take(turn % 2, *record);
    const auto start = reader.take(*record);
    if (!start || !*start) continue;
    for (const Record& one : to_records(**start))
      expect(Record::decode(one.encode()).has_value());
  }
}
