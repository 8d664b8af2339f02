#include "spfcheck/published.h"

#include "lib/sys/text.h"

namespace waypost::spfcheck {
namespace {

PublishedSpf read(const net::DnsAnswer& answer) {
  PublishedSpf found;
  for (const std::string& text : answer.texts) {
    if (!is_spf_record(text)) continue;
    if (!found.text.empty()) {
      found.state = PublishedSpf::State::several;
      found.why = "it has more than one SPF record, which is an error; make one of them";
      return found;
    }
    found.text = text;
  }
  if (found.text.empty()) return found;
  auto record = parse_record(found.text);
  if (record) {
    found.state = PublishedSpf::State::one;
    found.record = std::move(*record);
  } else {
    found.state = PublishedSpf::State::broken;
    const Place place = record.error().place;
    const std::string term = found.text.substr(std::min(place.at, found.text.size()), place.length);
    found.why = "its SPF record is wrong at " + printable(term) + ": " + record.error().text;
  }
  return found;
}

} // namespace

bool no_answer(const net::DnsAnswer& answer) {
  return answer.status == net::DnsStatus::failed || answer.status == net::DnsStatus::timed_out;
}

net::Task<PublishedSpf> published_spf(Resolver& resolver, std::string domain) {
  const Question question{domain, net::DnsType::txt};
  const net::DnsAnswer answer = co_await resolver.resolve(question);
  if (no_answer(answer)) {
    PublishedSpf found;
    found.state = PublishedSpf::State::later;
    found.why = "DNS does not answer for the TXT records of " + domain + ": " + answer.text;
    co_return found;
  }
  co_return read(answer);
}

} // namespace waypost::spfcheck
