// Supposing: a resolver on top of another, for whom one record stands in the zone already.
#pragma once

#include <string>

#include "spfcheck/resolver.h"

namespace waypost::spfcheck {

// As if this were the one text at the name: does a record that is suggested do what it shall?
class Supposing : public Resolver {
public:
  Supposing(Resolver& below, std::string name, std::string text)
      : below_(below),
        name_(std::move(name)),
        text_(std::move(text)) {}

  void expect(const Question& question) override;
  [[nodiscard]] net::Task<net::DnsAnswer> resolve(Question question) override;

private:
  [[nodiscard]] bool supposed(const Question& question) const;

  Resolver& below_;
  std::string name_;
  std::string text_;
};

} // namespace waypost::spfcheck
