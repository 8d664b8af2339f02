// What anybody may publish as an SPF record: either an error that points into it, or terms that lie
// in it side by side and within their bounds. Then it is evaluated, in a zone where it stands at
// every name but some, and ends within the limits.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "spfcheck/check_host.h"
#include "spfcheck/explain.h"

using namespace waypost;
using namespace waypost::spfcheck;

namespace {

// The record at each name, and an address that is not the client's; of names that begin with "v"
// there is nothing, and for those with "f" no server answers.
class Everywhere : public Resolver {
public:
  explicit Everywhere(std::string record) : record_(std::move(record)) {}
  net::Task<net::DnsAnswer> resolve(Question question) override {
    ++asked;
    if (question.name.empty() || question.name.size() > 253) std::abort();
    net::DnsAnswer answer;
    answer.status = question.name.front() == 'v'   ? net::DnsStatus::no_name
                    : question.name.front() == 'f' ? net::DnsStatus::failed
                                                   : net::DnsStatus::found;
    if (answer.status != net::DnsStatus::found) co_return answer;
    if (question.type == net::DnsType::txt) answer.texts.push_back(record_);
    if (question.type == net::DnsType::mx) answer.mx.assign(10, {0, "mx.test"});
    if (question.type == net::DnsType::ptr) answer.names.assign(40, "d.test");
    if (question.type == net::DnsType::a) answer.addresses.push_back(other_);
    co_return answer;
  }
  int asked = 0;

private:
  std::string record_;
  net::IpAddress other_ = *net::IpAddress::parse("203.0.113.1");
};

void look_at(const Record& record) {
  std::size_t end = 0;
  for (const Mechanism& one : record.mechanisms) {
    if (one.place.at < end || one.place.length == 0) std::abort();
    end = one.place.at + one.place.length;
    if (end > record.text.size()) std::abort();
    if (one.prefix4 < 0 || one.prefix4 > 32 || one.prefix6 < 0 || one.prefix6 > 128) std::abort();
    if (one.network.prefix > (one.network.v6 ? 128 : 32)) std::abort();
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto record = parse_record(text);
  if (record) {
    look_at(*record);
  } else if (record.error().text.empty() ||
             record.error().place.at + record.error().place.length > size) {
    std::abort();
  }
  Everywhere everywhere(text);
  const net::IpAddress ip = *net::IpAddress::parse("192.0.2.1");
  net::Task<CheckResult> task =
      check_host(everywhere, mail_from_query(ip, "\"b o\"+b@d.test", "mail.test"));
  task.start();
  if (!task.done()) std::abort();
  const CheckResult result = task.take();
  // Eleven records, ten terms of which each asks at most for ten hosts, a PTR and its name, and
  // exp.
  if (everywhere.asked > 11 + 10 * 11 + 22) std::abort();
  if (result.lookups > 11 || result.void_lookups > 3) std::abort();
  if (!record && is_spf_record(text) && result.result != SpfResult::permerror) std::abort();
  net::Task<CheckResult> helo = check_host(everywhere, mail_from_query(ip, "<>", "d.test"));
  helo.start();
  if (!helo.done() || helo.take().lookups > 11) std::abort();
  if (tree_text(result).empty() || result.explanation.size() > kMostExpanded) std::abort();
  return 0;
}
