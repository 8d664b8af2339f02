#include "spfcheck/check_host.h"

#include "spfcheck/evaluation.h"
#include "spfcheck/names.h"

namespace waypost::spfcheck {

Query mail_from_query(const net::IpAddress& ip, const std::string& sender,
                      const std::string& helo) {
  if (sender.empty() || sender == "<>") return helo_query(ip, helo);
  Query query;
  query.ip = ip;
  query.sender = sender_of(sender);
  query.domain = domain_of(query.sender);
  query.helo = with_a_labels(helo);
  return query;
}

Query helo_query(const net::IpAddress& ip, const std::string& helo) {
  Query query;
  query.ip = ip;
  query.helo = with_a_labels(helo);
  query.domain = query.helo;
  query.sender = "postmaster@" + query.helo;
  return query;
}

net::Task<CheckResult> check_host(Resolver& resolver, Query query, Limits limits) {
  Evaluation evaluation(resolver, std::move(query), limits);
  co_await evaluation.run();
  co_return evaluation.take();
}

} // namespace waypost::spfcheck
