#include "smtpd/local_names.h"

#include <algorithm>
#include <array>
#include <poll.h>
#include <unistd.h>

#include "lib/mail/alias_file.h"
#include "lib/sys/clock.h"
#include "lib/sys/netstring.h"

namespace waypost::smtpd {
namespace {

constexpr int kAnswerMs = 30'000; // the name service may be slow

} // namespace

LocalNames::Standing RouteNames::find(const Address& sender, const Address& recipient) {
  RouteQuery query;
  query.account = account_;
  query.from = sender.domain();
  query.to = recipient.domain();
  const Result<RouteAnswer> domain = ask(query);
  if (!domain || !domain->wait.empty()) return Standing::unknown;
  if (!domain->ask_local) return Standing::elsewhere;
  // A command or a file is for the alias that names it, and for no stranger.
  if (target_of_local_part(recipient.local())) return Standing::nobody;
  query.local = recipient.local();
  const Result<RouteAnswer> name = ask(query);
  if (!name || !name->wait.empty()) return Standing::unknown;
  // An alias that leads back to itself, or to a transport that refuses, is nobody too.
  return name->code != 0 ? Standing::nobody : Standing::here;
}

// Who has failed once is asked no more: the next question is another process's.
Result<RouteAnswer> RouteNames::ask(const RouteQuery& query) {
  Result<RouteAnswer> said = try_to_ask(query);
  if (said) return said;
  route_.reset();
  heard_.clear();
  return said;
}

Result<RouteAnswer> RouteNames::try_to_ask(RouteQuery query) {
  if (!route_) {
    Result<Asked> asked = smtpd::ask(requests_, Request::Kind::recipients);
    if (!asked) return std::unexpected(asked.error());
    route_ = std::move(*asked);
  }
  query.query = ++queries_;
  std::string frame;
  append_netstring(frame, to_record(query).encode());
  // Shorter than what a pipe takes at once, and the one before was answered.
  if (::write(route_->first.get(), frame.data(), frame.size()) !=
      static_cast<ssize_t>(frame.size()))
    return fail_errno("ask waypost-route");
  Result<RouteAnswer> said = answer();
  if (said && said->query != query.query) return fail("waypost-route answers out of turn");
  return said;
}

Result<RouteAnswer> RouteNames::answer() {
  const RealClock clock;
  BootMs until = clock.boot_ms() + (heard_.empty() ? kAnswerMs : rest_ms_);
  for (;;) {
    std::string_view rest = heard_;
    const auto payload = take_netstring(rest, kMaxRouteAnswer);
    if (!payload) return std::unexpected(payload.error());
    if (*payload) {
      const Result<Record> record = Record::decode(**payload);
      if (!record) return std::unexpected(record.error());
      Result<RouteAnswer> taken = route_answer(*record);
      heard_.erase(0, heard_.size() - rest.size());
      return taken;
    }
    pollfd one{route_->second.get(), POLLIN, 0};
    const BootMs left = std::max<BootMs>(until - clock.boot_ms(), 0);
    const int ready = ::poll(&one, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    std::array<char, 4096> bytes;
    const ssize_t n = ready == 1 ? ::read(one.fd, bytes.data(), bytes.size()) : 0;
    if (n <= 0) return fail("waypost-route does not answer");
    if (heard_.empty()) until = clock.boot_ms() + rest_ms_;
    heard_.append(bytes.data(), static_cast<std::size_t>(n));
  }
}

} // namespace waypost::smtpd
