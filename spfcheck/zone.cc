#include "spfcheck/zone.h"

#include "lib/sys/text.h"

namespace waypost::spfcheck {
namespace {

std::string key_of(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return ascii_lower(name);
}

net::DnsAnswer ended(net::DnsStatus status, std::string text) {
  net::DnsAnswer answer;
  answer.status = status;
  answer.text = std::move(text);
  return answer;
}

} // namespace

// The name and all above it exist from now on (RFC 8020).
net::DnsAnswer& Zone::entry(std::string_view name, net::DnsType type) {
  const std::string key = key_of(name);
  for (std::size_t at = 0; at != std::string::npos; at = key.find('.', at)) {
    if (at > 0) ++at;
    names_.insert(key.substr(at));
  }
  net::DnsAnswer& answer = answers_[{key, type}];
  answer.status = net::DnsStatus::found;
  return answer;
}

void Zone::add_address(std::string_view name, const net::IpAddress& address) {
  const net::DnsType type = address.v6() ? net::DnsType::aaaa : net::DnsType::a;
  entry(name, type).addresses.push_back(address);
}

void Zone::add_mx(std::string_view name, std::uint16_t preference, std::string_view host) {
  entry(name, net::DnsType::mx).mx.push_back({preference, key_of(host)});
}

void Zone::add_text(std::string_view name, std::string_view text) {
  entry(name, net::DnsType::txt).texts.emplace_back(text);
}

void Zone::add_ptr(std::string_view name, std::string_view host) {
  entry(name, net::DnsType::ptr).names.push_back(key_of(host));
}

void Zone::add_cname(std::string_view name, std::string_view target) {
  names_.insert(key_of(name));
  cnames_[key_of(name)] = key_of(target);
}

void Zone::break_name(std::string_view name, net::DnsStatus status) {
  broken_[key_of(name)] = status;
}

void Zone::break_type(std::string_view name, net::DnsType type, net::DnsStatus status) {
  answers_[{key_of(name), type}] = ended(status, "as the zone says");
}

net::DnsAnswer Zone::look_up(const Question& question) const {
  Question now{key_of(question.name), question.type};
  for (int cnames = 0; cnames <= net::kMostCnames; ++cnames) {
    if (const auto broken = broken_.find(now.name); broken != broken_.end())
      return ended(broken->second, "as the zone says");
    if (const auto found = answers_.find(now); found != answers_.end()) return found->second;
    const auto cname = cnames_.find(now.name);
    if (cname == cnames_.end()) {
      const bool exists = names_.contains(now.name);
      return exists ? ended(net::DnsStatus::no_data, "no such record")
                    : ended(net::DnsStatus::no_name, "NXDOMAIN");
    }
    now.name = cname->second;
  }
  return ended(net::DnsStatus::failed, "a loop of CNAMEs");
}

net::Task<net::DnsAnswer> Zone::resolve(Question question) {
  ++asked_;
  co_return look_up(question);
}

} // namespace waypost::spfcheck
