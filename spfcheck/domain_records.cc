#include "spfcheck/domain_records.h"

#include "lib/sys/text.h"
#include "spfcheck/dkim_key.h"
#include "spfcheck/organization.h"
#include "spfcheck/published.h"

namespace waypost::spfcheck {
namespace {

constexpr int kLeastRsaBits = 1024; // RFC 8301 3.2: shorter ones must not be believed
constexpr int kWiseRsaBits = 2048;  // and signers should have these

Finding finding(const char* check, Severity severity, std::string text) {
  Finding one;
  one.check = check;
  one.severity = severity;
  one.text = std::move(text);
  return one;
}

std::string silent(const std::string& what, const net::DnsAnswer& answer) {
  return "DNS does not answer for " + what + ": " + answer.text;
}

Finding judge_mx(const std::vector<net::MxHost>& hosts, const std::string& domain) {
  std::string all;
  for (const net::MxHost& one : hosts) {
    // RFC 7505 4.2: mail from such a domain is refused, since nobody can answer it.
    if (one.host.empty()) {
      return finding("mx", Severity::wrong,
                     domain + " says by its null MX that it takes no mail: notices cannot come "
                              "back, and servers refuse senders in it");
    }
    all += (all.empty() ? "" : ", ") + one.host;
  }
  return finding("mx", Severity::fine, "mail to " + domain + " goes to " + all);
}

// The one DMARC record among the texts; more than one count as none (RFC 7489 6.6.3).
void take_dmarc(const net::DnsAnswer& answer, DmarcFound& found) {
  const std::string* text = nullptr;
  for (const std::string& one : answer.texts) {
    if (!is_dmarc_record(one)) continue;
    if (text != nullptr) {
      found.state = DmarcFound::State::wrong;
      found.why = "there is more than one DMARC record, which is as good as none";
      return;
    }
    text = &one;
  }
  if (text == nullptr) return;
  Result<DmarcRecord> record = parse_dmarc(*text);
  found.state = record ? DmarcFound::State::found : DmarcFound::State::wrong;
  if (record) {
    found.record = std::move(*record);
  } else {
    found.why = "the DMARC record is none: " + record.error().text;
  }
}

net::Task<> look_at(Resolver& resolver, std::string domain, DmarcFound& found) {
  found.at = "_dmarc." + domain;
  const Question question{found.at, net::DnsType::txt};
  const net::DnsAnswer answer = co_await resolver.resolve(question);
  if (no_answer(answer)) {
    found.state = DmarcFound::State::later;
    found.why = silent("the TXT records of " + found.at, answer);
    co_return;
  }
  take_dmarc(answer, found);
}

std::string counted(WaysBySpf ways) {
  if (ways.pass == ways.all) return ways.all == 1 ? "its one way out" : "all its ways out";
  return std::to_string(ways.pass) + " of " + std::to_string(ways.all) + " ways out";
}

std::string described(const DmarcFound& found) {
  return std::string("p=") + name_of(found.policy()) + " by " + found.at +
         (found.record.strict_spf ? ", strict alignment of SPF" : ", relaxed alignment of SPF");
}

Finding judge_key(const std::vector<std::string>& texts, const std::string& name) {
  if (texts.size() > 1)
    return finding("dkim", Severity::wrong, name + " has more than one record; keep one of them");
  const Result<DkimKey> key = parse_dkim_key(texts.front());
  if (!key) return finding("dkim", Severity::wrong, name + " is no key: " + key.error().text);
  if (key->revoked) return finding("dkim", Severity::wrong, name + " is revoked: its p= is empty");
  const std::string text = name + ": " + description(*key);
  if (key->type == DkimKeyType::rsa && key->bits < kLeastRsaBits)
    return finding("dkim", Severity::wrong, text + ", which verifiers do not believe (RFC 8301)");
  if (key->type == DkimKeyType::rsa && key->bits < kWiseRsaBits)
    return finding("dkim", Severity::warning, text + "; RFC 8301 wants 2048");
  if (key->testing)
    return finding("dkim", Severity::note, text + "; t=y: verifiers are told that it is a test");
  return finding("dkim", Severity::fine, text);
}

} // namespace

net::Task<Finding> check_mx(Resolver& resolver, std::string domain) {
  const Question question{domain, net::DnsType::mx};
  const net::DnsAnswer answer = co_await resolver.resolve(question);
  if (no_answer(answer)) {
    Finding later = finding("mx", Severity::later, silent("the MX records of " + domain, answer));
    co_return later;
  }
  if (!answer.mx.empty()) co_return judge_mx(answer.mx, domain);
  for (const net::DnsType type : {net::DnsType::a, net::DnsType::aaaa}) {
    const Question address{domain, type};
    const net::DnsAnswer own = co_await resolver.resolve(address);
    if (no_answer(own)) {
      Finding later = finding("mx", Severity::later, silent("the addresses of " + domain, own));
      co_return later;
    }
    if (own.addresses.empty()) continue;
    Finding note = finding("mx", Severity::note,
                           domain + " has no MX: mail to it goes to its own address, " +
                               own.addresses.front().text());
    co_return note;
  }
  const bool exists = answer.status != net::DnsStatus::no_name;
  Finding wrong = finding("mx", Severity::wrong,
                          exists ? domain + " has neither MX nor address: notices cannot come "
                                            "back, and servers refuse senders in it"
                                 : domain + " does not exist");
  co_return wrong;
}

net::Task<DmarcFound> find_dmarc(Resolver& resolver, std::string domain) {
  DmarcFound found;
  co_await look_at(resolver, domain, found);
  const std::string organization = organizational_domain(domain);
  if (found.state != DmarcFound::State::none || organization == domain) co_return found;
  found.above = true;
  co_await look_at(resolver, organization, found);
  co_return found;
}

Finding judge_dmarc(const DmarcFound& found, const std::string& domain, WaysBySpf ways,
                    bool signs) {
  using State = DmarcFound::State;
  if (found.state == State::later) return finding("dmarc", Severity::later, found.why);
  if (found.state == State::wrong)
    return finding("dmarc", Severity::wrong, found.at + ": " + found.why);
  if (found.state == State::none) {
    return finding("dmarc", Severity::note,
                   "no DMARC record at _dmarc." + domain + (found.above ? " and " + found.at : "") +
                       "; large receivers want one, if only \"v=DMARC1; p=none\"");
  }
  const std::string by_spf = "; SPF alone satisfies it by " + counted(ways);
  if (!found.record.remark.empty())
    return finding("dmarc", Severity::warning,
                   described(found) + by_spf + "; " + found.record.remark);
  if (ways.all == 0) return finding("dmarc", Severity::fine, described(found));
  if (ways.pass == ways.all) return finding("dmarc", Severity::fine, described(found) + by_spf);
  if (ways.pass + ways.open == ways.all) {
    return finding("dmarc", Severity::note,
                   described(found) + by_spf + "; what of the others passes is not known");
  }
  const std::string others =
      described(found) + by_spf + "; what leaves by the others needs a DKIM signature of " + domain;
  const bool enforced = found.policy() != DmarcPolicy::none;
  if (signs || !enforced)
    return finding("dmarc", enforced ? Severity::warning : Severity::note, others);
  return finding("dmarc", Severity::wrong,
                 others + ", and no dkim_selectors are named in [domain.\"" + domain + "\"]");
}

Finding judge_notices(const DmarcFound& found, const std::string& hostname,
                      const std::string& helo) {
  const std::string is =
      "notices, which come from " + hostname + " and are judged by helo, " + helo;
  if (aligned(helo, hostname, found.record.strict_spf))
    return finding("dmarc", Severity::fine, is + ": aligned");
  const bool enforced = found.policy() != DmarcPolicy::none;
  return finding("dmarc", enforced ? Severity::warning : Severity::note,
                 is + ": not aligned, so that they need a DKIM signature of " + hostname);
}

net::Task<Finding> check_dkim(Resolver& resolver, std::string domain, std::string selector) {
  const std::string name = selector + "._domainkey." + domain;
  const Question question{name, net::DnsType::txt};
  const net::DnsAnswer answer = co_await resolver.resolve(question);
  Finding one;
  if (no_answer(answer)) {
    one = finding("dkim", Severity::later, silent("the key " + name, answer));
  } else if (answer.texts.empty()) {
    one = finding("dkim", Severity::wrong, "there is no key at " + name);
  } else {
    one = judge_key(answer.texts, name);
  }
  one.subject = selector;
  co_return one;
}

} // namespace waypost::spfcheck
