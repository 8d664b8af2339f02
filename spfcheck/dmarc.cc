#include "spfcheck/dmarc.h"

#include "lib/sys/text.h"
#include "spfcheck/organization.h"
#include "spfcheck/tag_list.h"

namespace waypost::spfcheck {
namespace {

std::optional<DmarcPolicy> policy_of(std::string_view word) {
  for (const DmarcPolicy one : {DmarcPolicy::none, DmarcPolicy::quarantine, DmarcPolicy::reject}) {
    if (equal_ignoring_case(word, name_of(one))) return one;
  }
  return std::nullopt;
}

class Reader {
public:
  explicit Reader(const TagList& tags) : tags_(tags) {}

  Result<DmarcRecord> run() {
    record_.reports = tags_.get("rua").has_value() || tags_.get("ruf").has_value();
    const auto policy = policy_tag("p");
    if (!policy && !tags_.get("rua")) return fail("it has no p=none, p=quarantine or p=reject");
    record_.policy = policy.value_or(DmarcPolicy::none);
    record_.subdomain_policy = policy_tag("sp").value_or(record_.policy);
    record_.strict_spf = strict("aspf");
    record_.strict_dkim = strict("adkim");
    percent();
    return std::move(record_);
  }

private:
  void remark(std::string_view tag, std::string_view value) {
    if (record_.remark.empty())
      record_.remark = std::string(tag) + "=" + printable(value) + " means nothing there";
  }

  std::optional<DmarcPolicy> policy_tag(std::string_view tag) {
    const auto value = tags_.get(tag);
    const auto policy = value ? policy_of(*value) : std::nullopt;
    if (value && !policy) remark(tag, *value);
    return policy;
  }

  bool strict(std::string_view tag) {
    const auto value = tags_.get(tag);
    if (!value || equal_ignoring_case(*value, "r")) return false;
    if (equal_ignoring_case(*value, "s")) return true;
    remark(tag, *value);
    return false;
  }

  void percent() {
    const auto value = tags_.get("pct");
    if (!value) return;
    const auto number = parse_number(*value, 100);
    if (!number) return remark("pct", *value);
    record_.percent = static_cast<int>(*number);
  }

  const TagList& tags_;
  DmarcRecord record_;
};

} // namespace

const char* name_of(DmarcPolicy policy) {
  switch (policy) {
  case DmarcPolicy::none: return "none";
  case DmarcPolicy::quarantine: return "quarantine";
  case DmarcPolicy::reject: return "reject";
  }
  return "";
}

// dmarc-version = "v" *WSP "=" *WSP "DMARC1" (RFC 7489 6.4).
bool is_dmarc_record(std::string_view text) {
  const std::string_view first = trim(cut(text, ';'));
  std::string_view value = first;
  return trim(cut(value, '=')) == "v" && trim(value) == "DMARC1";
}

Result<DmarcRecord> parse_dmarc(std::string_view text) {
  if (!is_dmarc_record(text)) return fail("it does not begin with v=DMARC1");
  const Result<TagList> tags = TagList::parse(text);
  if (!tags) return std::unexpected(tags.error());
  return Reader(*tags).run();
}

bool aligned(std::string_view authenticated, std::string_view author, bool strict) {
  if (authenticated == author) return true;
  return !strict && organizational_domain(authenticated) == organizational_domain(author);
}

} // namespace waypost::spfcheck
