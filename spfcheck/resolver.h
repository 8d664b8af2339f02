// Resolver: what the evaluation asks of DNS, and all that it knows of it.
//
// Pure: a test answers from a zone (zone.h), the programs from a network (dns_resolver.h). Answers
// are those of lib/net. NXDOMAIN and "no such record" are told apart from failure and silence, and
// CNAMEs have been followed. Names are printed with dots between their labels; every other byte
// stands for itself.
#pragma once

#include <compare>
#include <string>

#include "lib/net/dns_message.h"
#include "lib/net/task.h"

namespace waypost::spfcheck {

struct Question {
  std::string name; // lower case, no dot at its end
  net::DnsType type = net::DnsType::a;
  auto operator<=>(const Question&) const = default;
};

class Resolver {
public:
  Resolver() = default;
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  virtual ~Resolver() = default;

  // A hint: this is likely to be asked soon. Whoever can wait for several answers at once begins.
  virtual void expect(const Question& /*question*/) {}
  [[nodiscard]] virtual net::Task<net::DnsAnswer> resolve(Question question) = 0;
};

} // namespace waypost::spfcheck
