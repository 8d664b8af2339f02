// Zone: a Resolver that answers from memory, for tests, measurements, and questions of the kind
// "what if this record stood there?".
//
// A name that nothing was added to does not exist; one that break_name() or break_type() was told
// of fails or stays silent, as they say. Follows CNAMEs as lib/net does. Counts what it is asked.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "spfcheck/resolver.h"

namespace waypost::spfcheck {

class Zone : public Resolver {
public:
  void add_address(std::string_view name, const net::IpAddress& address); // A or AAAA
  void add_mx(std::string_view name, std::uint16_t preference, std::string_view host);
  void add_text(std::string_view name, std::string_view text); // TXT
  void add_ptr(std::string_view name, std::string_view host);
  void add_cname(std::string_view name, std::string_view target);
  // Every question for the name, or one of one type, ends that way: timed_out, failed.
  void break_name(std::string_view name, net::DnsStatus status);
  void break_type(std::string_view name, net::DnsType type, net::DnsStatus status);

  [[nodiscard]] net::DnsAnswer look_up(const Question& question) const;
  [[nodiscard]] net::Task<net::DnsAnswer> resolve(Question question) override;
  [[nodiscard]] std::size_t asked() const { return asked_; }

private:
  net::DnsAnswer& entry(std::string_view name, net::DnsType type);

  std::map<Question, net::DnsAnswer> answers_;
  std::map<std::string, std::string, std::less<>> cnames_;
  std::set<std::string, std::less<>> names_; // all that exist, with those above them
  std::map<std::string, net::DnsStatus, std::less<>> broken_;
  std::size_t asked_ = 0;
};

} // namespace waypost::spfcheck
