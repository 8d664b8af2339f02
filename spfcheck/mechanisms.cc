// The mechanisms: RFC 7208 5.
#include <algorithm>

#include "spfcheck/evaluation.h"
#include "spfcheck/names.h"

namespace waypost::spfcheck {

// 5.1, 5.6. A plain function: a record may have thousands of these terms.
bool Evaluation::matches_at_once(const Mechanism& mechanism, TermTrace& term) const {
  if (mechanism.kind == MechanismKind::all) return true;
  if (!mechanism.network.contains(client_)) return false;
  const std::string range = mechanism.network.text();
  term.why = query_.ip.text() + (range.contains('/') ? " is in " : " is ") + range;
  return true;
}

net::Task<bool> Evaluation::matches(const Mechanism& mechanism, const std::string& domain,
                                    TermTrace& term) {
  if (!charge(term)) co_return false;
  const MacroString* const spec = mechanism.domain ? &*mechanism.domain : nullptr;
  const bool expanded = co_await set_target(spec, domain, term);
  if (!expanded) co_return false;
  const bool matched = co_await asks(mechanism, term);
  co_return matched;
}

net::Task<bool> Evaluation::asks(const Mechanism& mechanism, TermTrace& term) {
  bool matched = false;
  if (mechanism.kind == MechanismKind::include) {
    matched = co_await includes(term);
    co_return matched;
  }
  // 4.8: what happens is undefined; like a name that does not exist, and without asking for it.
  if (!is_name(term.target)) {
    term.why = "\"" + term.target + "\" is no name to ask for";
    co_return false;
  }
  switch (mechanism.kind) {
  case MechanismKind::a: matched = co_await has_address(mechanism, term); break;
  case MechanismKind::mx: matched = co_await has_mx(mechanism, term); break;
  case MechanismKind::ptr: matched = co_await has_name(term); break;
  case MechanismKind::exists: matched = co_await exists(term); break;
  case MechanismKind::include:
  case MechanismKind::all:
  case MechanismKind::ip4:
  case MechanismKind::ip6: break; // not here
  }
  co_return matched;
}

// 4.6.4: counted when it is tried, so that what stands behind a match costs nothing.
bool Evaluation::charge(TermTrace& term) {
  term.cost = 1;
  term.lookups_so_far = ++result_.lookups;
  if (result_.lookups <= limits_.lookups) return true;
  stop(SpfResult::permerror, term.term + " would be lookup " + std::to_string(result_.lookups) +
                                 ", and " + std::to_string(limits_.lookups) + " are allowed");
  return false;
}

// False: the term matches nothing, because the local part is not ASCII (RFC 8616 4).
net::Task<bool> Evaluation::set_target(const MacroString* spec, const std::string& domain,
                                       TermTrace& term) {
  term.target = domain;
  if (spec == nullptr) co_return true;
  values_.domain = domain;
  if (!expandable(*spec)) {
    term.why = "the local part is not ASCII, and no name can hold it";
    co_return false;
  }
  if (spec->uses('p')) co_await find_validated(domain, term.lookups);
  term.target = expand_name(*spec, values_);
  co_return true;
}

// 5.2.
net::Task<bool> Evaluation::includes(TermTrace& term) {
  term.inner = std::make_unique<DomainTrace>();
  term.inner->domain = term.target;
  const Verdict verdict = co_await check_domain(*term.inner);
  if (stopped()) co_return false;
  if (verdict.result == SpfResult::none) stop(SpfResult::permerror, term.term + ": " + verdict.why);
  term.why = "the result there is " + std::string(name_of(verdict.result));
  co_return verdict.result == SpfResult::pass;
}

bool Evaluation::covers(const Mechanism& mechanism, const net::DnsAnswer& answer,
                        TermTrace& term) const {
  for (const net::IpAddress& address : answer.addresses) {
    const Network network =
        network_of(address, address.v6() ? mechanism.prefix6 : mechanism.prefix4);
    if (!network.contains(client_)) continue;
    const std::string range = network.text();
    term.why = query_.ip.text() + (range.contains('/') ? " is in " : " is ") + range;
    return true;
  }
  return false;
}

// 5.3.
net::Task<bool> Evaluation::has_address(const Mechanism& mechanism, TermTrace& term) {
  const net::DnsAnswer answer = co_await ask_for_term(term.target, address_type(), term.lookups);
  co_return !stopped() && covers(mechanism, answer, term);
}

// 5.4. More than ten hosts are a permerror before the first is asked for: otherwise the order in
// which a server happens to list them would decide.
net::Task<bool> Evaluation::has_mx(const Mechanism& mechanism, TermTrace& term) {
  net::DnsAnswer answer = co_await ask_for_term(term.target, net::DnsType::mx, term.lookups);
  if (stopped()) co_return false;
  if (answer.mx.size() > static_cast<std::size_t>(limits_.mx_hosts)) {
    stop(SpfResult::permerror, term.target + " has " + std::to_string(answer.mx.size()) +
                                   " MX records, and " + std::to_string(limits_.mx_hosts) +
                                   " are allowed");
    co_return false;
  }
  std::ranges::stable_sort(answer.mx, {}, &net::MxHost::preference);
  for (const net::MxHost& one : answer.mx)
    if (is_name(one.host)) resolver_.expect({one.host, address_type()});
  for (const net::MxHost& one : answer.mx) {
    if (!is_name(one.host)) continue; // "." says that there is none (RFC 7505)
    const net::DnsAnswer host = co_await ask_for_term(one.host, address_type(), term.lookups);
    if (stopped()) co_return false;
    if (covers(mechanism, host, term)) co_return true;
  }
  co_return false;
}

// 5.5. Only names that would match are validated: the others change nothing.
net::Task<bool> Evaluation::has_name(TermTrace& term) {
  co_await find_names(term.lookups);
  // Where another term asked already, the answer counts again; what %{p} asked beside it does not.
  const auto is_ptr = [](const LookupTrace& one) { return one.question.type == net::DnsType::ptr; };
  auto by_address = std::ranges::find_if(term.lookups, is_ptr);
  if (by_address == term.lookups.end())
    by_address = term.lookups.insert(term.lookups.begin(), by_address_);
  count_void(*by_address);
  if (stopped()) co_return false;
  for (const std::string& name : *names_)
    if (is_within(name, term.target)) resolver_.expect({name, address_type()});
  for (const std::string& name : *names_) {
    if (!is_within(name, term.target)) continue;
    const bool valid = co_await validates(name, term.lookups);
    if (!valid) continue;
    term.why = query_.ip.text() + " is " + name;
    co_return true;
  }
  co_return false;
}

// 5.7: A, whatever the client's family.
net::Task<bool> Evaluation::exists(TermTrace& term) {
  const net::DnsAnswer answer = co_await ask_for_term(term.target, net::DnsType::a, term.lookups);
  if (stopped() || answer.addresses.empty()) co_return false;
  term.why = term.target + " exists";
  co_return true;
}

} // namespace waypost::spfcheck
