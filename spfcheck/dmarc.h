// A DMARC record (RFC 7489 6.3), as far as it says what becomes of mail, and the alignment of names
// (3.1). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/sys/error.h"

namespace waypost::spfcheck {

enum class DmarcPolicy : std::uint8_t { none, quarantine, reject };
[[nodiscard]] const char* name_of(DmarcPolicy policy);

struct DmarcRecord {
  DmarcPolicy policy = DmarcPolicy::none;           // p
  DmarcPolicy subdomain_policy = DmarcPolicy::none; // sp; else p
  bool strict_spf = false;                          // aspf=s
  bool strict_dkim = false;                         // adkim=s
  int percent = 100;                                // pct
  bool reports = false;                             // rua or ruf
  std::string remark; // a tag that was passed over because its value is none; empty: all is well
};

// "v=DMARC1" first, exactly so written (6.3); what does not begin so is no DMARC record (6.6.3).
[[nodiscard]] bool is_dmarc_record(std::string_view text);

// Values that are none are passed over, as verifiers do (6.3); one without a usable p counts as
// p=none when it has a rua, and else as no record (6.6.3): an error.
[[nodiscard]] Result<DmarcRecord> parse_dmarc(std::string_view text);

// Whether `authenticated` may speak for `author` (the domain of From). Relaxed: both have the same
// organizational domain; strict: they are the same. Names in normal form.
[[nodiscard]] bool aligned(std::string_view authenticated, std::string_view author, bool strict);

} // namespace waypost::spfcheck
