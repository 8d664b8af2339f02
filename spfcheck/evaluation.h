// Evaluation: one check_host() under way (check_host.h). RFC 7208 4.6 to 6.
//
// A temperror or permerror ends all of it, wherever below include and redirect it arises
// (5.2, 6.1): stop() keeps it, and every step looks after each await whether it was called. What is
// traced is where it stands before it is awaited; a term's trace is not moved while it is tried.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "spfcheck/check_host.h"

namespace waypost::spfcheck {

class Evaluation {
public:
  Evaluation(Resolver& resolver, Query query, Limits limits);

  [[nodiscard]] net::Task<> run();
  [[nodiscard]] CheckResult take() { return std::move(result_); }

private:
  // What came of a domain's record.
  struct Verdict {
    SpfResult result = SpfResult::none;
    std::string mechanism; // that matched
    std::optional<Modifier> exp;
    std::string why;
    DomainTrace* trace = nullptr; // of the record that decided
  };
  using Lookups = std::vector<LookupTrace>;

  [[nodiscard]] bool stopped() const { return stop_.has_value(); }
  void stop(SpfResult result, std::string why);
  Verdict ended(DomainTrace& trace, Verdict verdict);
  Verdict matched(const Record& record, const Mechanism& mechanism, DomainTrace& trace);

  // evaluation.cc: records.
  net::Task<Verdict> check_domain(DomainTrace& trace);
  net::Task<std::optional<Record>> find_record(DomainTrace& trace);
  std::optional<Record> select_record(const net::DnsAnswer& answer, DomainTrace& trace);
  net::Task<Verdict> follow(const Record& record, DomainTrace& trace);
  net::Task<> explain(Modifier exp, DomainTrace& trace);
  net::Task<std::string> explanation(TermTrace& term);

  // mechanisms.cc: terms. True: it matches.
  bool matches_at_once(const Mechanism& mechanism, TermTrace& term) const;
  net::Task<bool> matches(const Mechanism& mechanism, const std::string& domain, TermTrace& term);
  net::Task<bool> asks(const Mechanism& mechanism, TermTrace& term);
  net::Task<bool> includes(TermTrace& term);
  net::Task<bool> has_address(const Mechanism& mechanism, TermTrace& term);
  net::Task<bool> has_mx(const Mechanism& mechanism, TermTrace& term);
  net::Task<bool> has_name(TermTrace& term);
  net::Task<bool> exists(TermTrace& term);
  bool covers(const Mechanism& mechanism, const net::DnsAnswer& answer, TermTrace& term) const;
  bool charge(TermTrace& term); // one of the ten
  net::Task<bool> set_target(const MacroString* spec, const std::string& domain, TermTrace& term);

  // lookups.cc: what is asked of the resolver.
  net::Task<net::DnsAnswer> ask(std::string name, net::DnsType type, Lookups& lookups);
  // As part of a term: failure is a temperror, void answers count.
  net::Task<net::DnsAnswer> ask_for_term(std::string name, net::DnsType type, Lookups& lookups);
  bool failed(const net::DnsAnswer& answer, const LookupTrace& lookup);
  void count_void(LookupTrace& lookup);
  void announce(const Record& record, const std::string& domain);
  void announce_term(const Mechanism& mechanism, const std::string& domain);
  net::Task<> find_names(Lookups& lookups);
  net::Task<bool> validates(std::string name, Lookups& lookups);
  net::Task<> find_validated(std::string domain, Lookups& lookups); // for %{p}
  [[nodiscard]] bool expandable(const MacroString& macros) const;
  [[nodiscard]] net::DnsType address_type() const;

  Resolver& resolver_;
  Query query_;
  Limits limits_;
  Network client_; // query_.ip
  MacroValues values_;
  CheckResult result_;
  struct Stop {
    SpfResult result;
    std::string why;
  };
  std::optional<Stop> stop_;
  std::optional<std::vector<std::string>> names_; // by PTR, the first ten; asked for once
  LookupTrace by_address_;                        // how they were
  std::map<std::string, bool> validated_;         // of those, as far as they were asked for
};

} // namespace waypost::spfcheck
