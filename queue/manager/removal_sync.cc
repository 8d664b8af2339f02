#include "queue/manager/removal_sync.h"

#include "lib/sys/log.h"
#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

constexpr BootMs kInterval = 1'000;

} // namespace

void RemovalSync::removed(const MessageId& id) {
  touched_.set(parse_number(id.folder(), MessageId::kFolders - 1).value_or(0));
  if (std::exchange(waiting_, true)) return;
  host_.later(kInterval, [this] { flush(); });
}

void RemovalSync::flush() {
  waiting_ = false;
  const auto folders = std::exchange(touched_, {});
  host_.work(
      [&host = host_, folders] {
        for (int folder = 0; folder < MessageId::kFolders; ++folder) {
          if (!folders.test(static_cast<std::size_t>(folder))) continue;
          const Result<> synced = host.fs().sync(host.dirs().cur(folder));
          // Not tried again: the worst is what `off` always risks.
          if (!synced)
            Log("trouble").add("at", "remove_sync").add("reason", synced.error().text).error();
        }
      },
      [] {});
}

} // namespace waypost::queue
