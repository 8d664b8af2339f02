#include "lib/mail/snapshot.h"

#include <algorithm>
#include <unordered_set>

#include "lib/sys/crc32c.h"
#include "lib/sys/netstring.h"
#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr std::size_t kMaxRecord = std::size_t{1} << 20;

// Builds a snapshot from its records in the order in which they stand.
class Decoder {
public:
  Result<> take(const Record& record) {
    const std::string_view type = record.get("type");
    if (first_ != (type == "settings")) return fail("snapshot: it must begin with its settings");
    first_ = false;
    if (type == "settings") return store(settings_of(record), snapshot_.settings);
    if (type == "transport") return add_transport(transport_of(record));
    if (type == "domain") return add(domain_of(record), snapshot_.domains);
    if (type == "account") return add(account_of(record), snapshot_.accounts);
    if (type == "route") return add_rule(rule_of(record));
    return fail("snapshot: unknown record " + printable(type));
  }

  Result<Snapshot> finish() {
    if (!names_.contains("direct")) return fail("snapshot: it has no transport \"direct\"");
    for (const RouteRule& rule : snapshot_.routes) {
      if (!names_.contains(rule.transport)) {
        return fail("snapshot: rule " + rule.where + " leads to unknown transport " +
                    printable(rule.transport));
      }
    }
    return std::move(snapshot_);
  }

private:
  template <class T>
  static Result<> store(Result<T> from, T& to) {
    if (!from) return std::unexpected(std::move(from.error()));
    to = std::move(*from);
    return {};
  }

  Result<> add_transport(Result<Transport> one) {
    if (!one) return std::unexpected(std::move(one.error()));
    if (!names_.insert(one->name).second) return fail("snapshot: two transports " + one->name);
    snapshot_.transports.push_back(std::move(*one));
    return {};
  }

  template <class T>
  static Result<> add(Result<T> one, std::vector<T>& to) {
    if (!one) return std::unexpected(std::move(one.error()));
    to.push_back(std::move(*one));
    return {};
  }

  Result<> add_rule(Result<RouteRule> rule) {
    if (!rule) return std::unexpected(std::move(rule.error()));
    if (!snapshot_.routes.empty() && rule->level < snapshot_.routes.back().level) {
      return fail("snapshot: rules are not in the order account, domain, global");
    }
    snapshot_.routes.push_back(std::move(*rule));
    return {};
  }

  Snapshot snapshot_;
  std::unordered_set<std::string> names_;
  bool first_ = true;
};

} // namespace

const Transport* Snapshot::transport(std::string_view wanted) const {
  const auto found = std::ranges::find(transports, wanted, &Transport::name);
  return found == transports.end() ? nullptr : &*found;
}

const std::string& Snapshot::rewriting_of(std::string_view account) const {
  static const std::string none;
  const auto found = std::ranges::find(accounts, account, &SenderAccount::name);
  if (found != accounts.end() && !found->from_rewrite.empty()) return found->from_rewrite;
  return account.starts_with("smtp:") ? none : settings.from_rewrite;
}

bool Snapshot::signs() const {
  return std::ranges::any_of(domains, [](const auto& one) { return !one.dkim_sign.empty(); });
}

std::string encode_snapshot(const Snapshot& snapshot) {
  std::string out;
  append_netstring(out, to_record(snapshot.settings).encode());
  for (const Transport& one : snapshot.transports)
    append_netstring(out, to_record(one).encode());
  for (const SenderDomain& one : snapshot.domains)
    append_netstring(out, to_record(one).encode());
  for (const SenderAccount& one : snapshot.accounts)
    append_netstring(out, to_record(one).encode());
  for (const RouteRule& one : snapshot.routes)
    append_netstring(out, to_record(one).encode());
  Record end;
  end.add("type", "end").add_number("checksum", crc32c(out));
  append_netstring(out, end.encode());
  return out;
}

Result<Snapshot> decode_snapshot(std::string_view bytes) {
  Decoder decoder;
  for (std::string_view rest = bytes;;) {
    const std::string_view before = bytes.substr(0, bytes.size() - rest.size());
    const auto frame = take_netstring(rest, kMaxRecord);
    if (!frame) return fail("snapshot: " + frame.error().text);
    if (!*frame) return fail("snapshot: its end is missing");
    const Result<Record> record = Record::decode(**frame);
    if (!record) return fail("snapshot: " + record.error().text);
    if (record->get("type") == "end") {
      if (!rest.empty()) return fail("snapshot: bytes after its end");
      if (record->number("checksum") != crc32c(before)) return fail("snapshot: bad checksum");
      return decoder.finish();
    }
    const Result<> taken = decoder.take(*record);
    if (!taken) return std::unexpected(taken.error());
  }
}

} // namespace waypost
