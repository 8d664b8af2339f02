// What a domain publishes: its one SPF record (RFC 7208 4.5), and what looking for it came to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "spfcheck/record.h"
#include "spfcheck/resolver.h"

namespace waypost::spfcheck {

// No answer is `later`: never "none", and never fine.
[[nodiscard]] bool no_answer(const net::DnsAnswer& answer);

struct PublishedSpf {
  enum class State : std::uint8_t {
    none,    // the domain exists, or not, without an SPF record
    one,     // `record` holds it
    broken,  // there is one, and it is no SPF record: `why`
    several, // more than one, which is as good as none
    later,   // DNS did not say: `why`
  };
  State state = State::none;
  std::string text; // of one and broken
  std::optional<Record> record;
  std::string why;
};

[[nodiscard]] net::Task<PublishedSpf> published_spf(Resolver& resolver, std::string domain);

} // namespace waypost::spfcheck
