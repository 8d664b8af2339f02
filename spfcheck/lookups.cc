// What an evaluation asks of its resolver, and what that counts: RFC 7208 4.6.4, 5.5, 7.3.
#include <algorithm>

#include "lib/sys/text.h"
#include "spfcheck/evaluation.h"
#include "spfcheck/names.h"

namespace waypost::spfcheck {
namespace {

constexpr std::size_t kMostOfAnswer = 600; // bytes of one line in a trace

bool is_failure(net::DnsStatus status) {
  return status == net::DnsStatus::failed || status == net::DnsStatus::timed_out;
}

bool is_void(net::DnsStatus status) {
  return status == net::DnsStatus::no_data || status == net::DnsStatus::no_name;
}

std::string in_one_line(const net::DnsAnswer& answer) {
  if (answer.status == net::DnsStatus::timed_out && answer.text.empty()) return "no answer";
  if (answer.status != net::DnsStatus::found) return answer.text;
  std::string line;
  const auto add = [&](const std::string& one) {
    if (line.size() < kMostOfAnswer) line += (line.empty() ? "" : " ") + one;
  };
  for (const net::IpAddress& one : answer.addresses)
    add(one.text());
  for (const net::MxHost& one : answer.mx)
    add(std::to_string(one.preference) + " " + (one.host.empty() ? "." : one.host));
  for (const std::string& one : answer.names)
    add(one);
  for (const std::string& one : answer.texts)
    add("\"" + one + "\"");
  return std::string(utf8_prefix(line, kMostOfAnswer));
}

} // namespace

net::DnsType Evaluation::address_type() const {
  return query_.ip.v6() ? net::DnsType::aaaa : net::DnsType::a;
}

net::Task<net::DnsAnswer> Evaluation::ask(std::string name, net::DnsType type, Lookups& lookups) {
  const Question question{ascii_lower(name), type};
  net::DnsAnswer answer = co_await resolver_.resolve(question);
  LookupTrace& lookup = lookups.emplace_back();
  lookup.question = question;
  lookup.status = answer.status;
  lookup.answer = in_one_line(answer);
  if (answer.status == net::DnsStatus::found) lookup.ttl = answer.ttl;
  co_return answer;
}

net::Task<net::DnsAnswer> Evaluation::ask_for_term(std::string name, net::DnsType type,
                                                   Lookups& lookups) {
  net::DnsAnswer answer = co_await ask(std::move(name), type, lookups);
  if (!failed(answer, lookups.back())) count_void(lookups.back());
  co_return answer;
}

// 4.4, 5: a server's failure or silence is a temperror.
bool Evaluation::failed(const net::DnsAnswer& answer, const LookupTrace& lookup) {
  if (!is_failure(answer.status)) return false;
  stop(SpfResult::temperror, "looking up " + lookup.question.name + ": " +
                                 (lookup.answer.empty() ? "no answer" : lookup.answer));
  return true;
}

// Each answer to a term's own question counts, also those for the hosts of one mx, as other
// implementations do it. The names of a client's address do not: they are not the domain's doing.
void Evaluation::count_void(LookupTrace& lookup) {
  if (!is_void(lookup.status)) return;
  lookup.is_void = true;
  if (++result_.void_lookups <= limits_.void_lookups) return;
  stop(SpfResult::permerror, "no record for " + lookup.question.name + ": answer " +
                                 std::to_string(result_.void_lookups) + " of that kind, and " +
                                 std::to_string(limits_.void_lookups) + " are allowed");
}

// The lookups of the terms that will be tried unless one before them matches. Not of exists: its
// names are made for one message, and whoever publishes them may count the questions.
void Evaluation::announce(const Record& record, const std::string& domain) {
  int left = limits_.lookups - result_.lookups;
  for (const Mechanism& mechanism : record.mechanisms) {
    if (!costs_lookup(mechanism.kind)) {
      const bool all = mechanism.kind == MechanismKind::all;
      if (all || mechanism.network.contains(client_)) return; // nothing behind it is tried
      continue;
    }
    if (left-- <= 0) return;
    announce_term(mechanism, domain);
  }
}

void Evaluation::announce_term(const Mechanism& mechanism, const std::string& domain) {
  net::DnsType type = net::DnsType::txt;
  switch (mechanism.kind) {
  case MechanismKind::include: break;
  case MechanismKind::a: type = address_type(); break;
  case MechanismKind::mx: type = net::DnsType::mx; break;
  case MechanismKind::ptr: resolver_.expect({reverse_name(query_.ip), net::DnsType::ptr}); return;
  case MechanismKind::all:
  case MechanismKind::ip4:
  case MechanismKind::ip6:
  case MechanismKind::exists: return;
  }
  std::string name = domain;
  if (mechanism.domain) {
    if (mechanism.domain->uses('p') || !expandable(*mechanism.domain)) return;
    values_.domain = domain;
    name = expand_name(*mechanism.domain, values_);
  }
  if (is_name(name)) resolver_.expect({ascii_lower(name), type});
}

bool Evaluation::expandable(const MacroString& macros) const {
  return is_ascii(local_part_of(query_.sender)) || (!macros.uses('s') && !macros.uses('l'));
}

// The names of the client's address, the first ten of them (4.6.4). None where that fails (5.5).
net::Task<> Evaluation::find_names(Lookups& lookups) {
  if (names_) co_return;
  net::DnsAnswer answer = co_await ask(reverse_name(query_.ip), net::DnsType::ptr, lookups);
  by_address_ = lookups.back();
  const auto most = static_cast<std::size_t>(limits_.ptr_names);
  if (answer.names.size() > most) answer.names.resize(most);
  std::erase_if(answer.names, [](const std::string& name) { return !is_name(name); });
  names_ = std::move(answer.names);
}

// True when the name leads back to the client's address. A failure is a no (5.5).
net::Task<bool> Evaluation::validates(std::string name, Lookups& lookups) {
  const auto known = validated_.find(name);
  if (known != validated_.end()) co_return known->second;
  const net::DnsAnswer answer = co_await ask(name, address_type(), lookups);
  const bool valid = std::ranges::find(answer.addresses, query_.ip) != answer.addresses.end();
  validated_.emplace(std::move(name), valid);
  co_return valid;
}

// 7.3: the domain itself if it is among the validated names, else one below it, else any.
net::Task<> Evaluation::find_validated(std::string domain, Lookups& lookups) {
  values_.validated.clear();
  co_await find_names(lookups);
  std::vector<std::string> candidates = *names_;
  const auto rank = [&](const std::string& name) {
    return equal_ignoring_case(name, domain) ? 0 : is_within(name, domain) ? 1 : 2;
  };
  std::ranges::stable_sort(candidates, {}, rank);
  for (const std::string& name : candidates) {
    const bool valid = co_await validates(name, lookups);
    if (!valid) continue;
    values_.validated = name;
    co_return;
  }
}

} // namespace waypost::spfcheck
