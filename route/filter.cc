#include "route/filter.h"

#include <memory>
#include <unistd.h>

#include "lib/sys/fs.h"
#include "lib/sys/log.h"
#include "lib/sys/netstring.h"
#include "lib/sys/shortage.h"

namespace waypost::route {
namespace {

constexpr int kTemporary = 111;
constexpr std::size_t kReadAtOnce = std::size_t{64} << 10;

int failed(const Error& error) {
  Log("failed").add("why", error.text).error();
  return kTemporary;
}

} // namespace

QueryFilter::QueryFilter(std::string snapshot_path) : path_(std::move(snapshot_path)) {
  reload();
}

void QueryFilter::reload() {
  Result<Snapshot> snapshot = read_snapshot(path_);
  if (snapshot) {
    routes_ = Routes(std::move(*snapshot));
    routes_.aliases().log_reading();
    Log("routes_loaded")
        .add("generation", routes_.snapshot().settings.generation)
        .add("rules", routes_.snapshot().routes.size())
        .info();
  } else if (passes(snapshot.error())) {
    read_ = std::unexpected(snapshot.error());
  } else {
    const char* then = routes_.loaded() ? "the old routes stay" : "all mail waits";
    Log("routes_not_loaded").add("why", snapshot.error().text).add("then", then).error();
  }
}

Result<> QueryFilter::feed(std::string_view bytes, std::string& out) {
  partial_ += bytes;
  std::string_view rest = partial_;
  for (;;) {
    const auto frame = take_netstring(rest, kMaxRouteFrame);
    if (!frame) return std::unexpected(frame.error());
    if (!*frame) break;
    const Result<> taken = take(**frame, out);
    if (!taken) return taken;
  }
  partial_.erase(0, partial_.size() - rest.size());
  return {};
}

Result<> QueryFilter::take(std::string_view payload, std::string& out) {
  const Result<Record> record = Record::decode(payload);
  if (!record) return std::unexpected(record.error());
  if (record->get("type") == "reload") {
    reload();
    return read_;
  }
  const Result<RouteQuery> query = route_query(*record);
  if (!query) return std::unexpected(query.error());
  append_netstring(out, to_record(answer(routes_, *query)).encode());
  return {};
}

int run_filter(int in, int out, const std::string& snapshot_path) {
  QueryFilter filter(snapshot_path);
  if (!filter.read()) return failed(filter.read().error());
  RealFs fs;
  // Not cleared: an idle filter touches none of it.
  const auto bytes = std::make_unique_for_overwrite<char[]>(kReadAtOnce);
  std::string answers;
  for (;;) {
    const ssize_t n = ::read(in, bytes.get(), kReadAtOnce);
    if (n == 0) return 0;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(fail_errno("read queries").error());
    answers.clear();
    const std::string_view got(bytes.get(), static_cast<std::size_t>(n));
    const Result<> fed = filter.feed(got, answers);
    const Result<> written = fs.write_all(out, answers);
    if (!fed) return failed(fed.error());
    if (!written) return failed(written.error());
  }
}

} // namespace waypost::route
