#include "spfcheck/egress_output.h"

#include <algorithm>

#include "lib/sys/json.h"
#include "lib/sys/text.h"
#include "spfcheck/advice.h"
#include "spfcheck/lookup_cost.h"

namespace waypost::spfcheck {
namespace {

bool shown(const Finding& one, bool quiet) {
  return !quiet || one.severity > Severity::note;
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  out.resize(std::max(out.size() + 1, width), ' ');
  return out;
}

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all)
    text += (text.empty() ? "" : ", ") + one;
  return text;
}

// "wrong    spf      otherip 203.0.113.9: fail by -all of example.org; add ip4:203.0.113.9"
std::string line(const Finding& one) {
  std::string text = padded(name_of(one.severity), 9) + padded(one.check, 9);
  if (!one.transport.empty()) {
    text += printable(one.transport);
    if (!one.subject.empty()) text += " " + printable(one.subject);
    text += ": ";
  }
  text += printable(one.text);
  if (!one.routes.empty()) text += " [" + printable(joined(one.routes)) + "]";
  return text + "\n";
}

std::string lines(const std::vector<Finding>& findings, const std::string& title, bool quiet) {
  std::string text;
  for (const Finding& one : findings) {
    if (shown(one, quiet)) text += "  " + line(one);
  }
  return text.empty() ? text : title + "\n" + text;
}

std::string suggestion(const DomainReport& domain) {
  if (domain.suggestion.empty()) return {};
  const std::string name = printable(domain.domain);
  const char* const how = domain.record.empty()
                              ? "; new:\n"
                              : "; in place of its SPF record, by which all of it passes:\n";
  return "\n; " + name + how + zone_line(name, printable(domain.suggestion)) + "\n";
}

std::string strings(const std::vector<std::string>& all) {
  JsonArray array;
  for (const std::string& one : all)
    array.add(json_string(one));
  return array.str();
}

std::string finding_json(const Finding& one, std::string_view domain) {
  JsonObject object;
  object.text("check", one.check).text("severity", name_of(one.severity));
  object.some_text("domain", domain).some_text("transport", one.transport);
  object.raw("routes", strings(one.routes));
  object.some_text("subject", one.subject).some_text("result", one.result);
  object.some_text("mechanism", one.mechanism).some_text("add", one.add);
  return object.text("text", one.text).str() + "\n";
}

std::string domain_json(const DomainReport& domain) {
  JsonObject object;
  object.text("check", "suggestion").text("domain", domain.domain);
  object.some_text("record", domain.record).some_text("suggested", domain.suggestion);
  object.some_text("line", domain.suggestion.empty() ? std::string()
                                                     : zone_line(domain.domain, domain.suggestion));
  if (domain.lookups < 0) {
    object.null("lookups").null("lookups_left");
  } else {
    object.number("lookups", static_cast<std::uint64_t>(domain.lookups));
    const int left = std::max(0, kAllowedLookups - domain.lookups);
    object.number("lookups_left", static_cast<std::uint64_t>(left));
  }
  return object.str() + "\n";
}

} // namespace

std::string egress_text(const EgressReport& report, bool quiet) {
  std::string text;
  for (const DomainReport& domain : report.domains) {
    const std::string part =
        lines(domain.findings, printable(domain.domain), quiet) + suggestion(domain);
    if (!text.empty() && !part.empty()) text += "\n";
    text += part;
  }
  const std::string names = lines(report.addresses, "names of addresses", quiet);
  if (!text.empty() && !names.empty()) text += "\n";
  return text + names;
}

std::string egress_json(const EgressReport& report, bool quiet) {
  std::string text;
  for (const DomainReport& domain : report.domains) {
    for (const Finding& one : domain.findings) {
      if (shown(one, quiet)) text += finding_json(one, domain.domain);
    }
    if (!quiet || !domain.suggestion.empty()) text += domain_json(domain);
  }
  for (const Finding& one : report.addresses) {
    if (shown(one, quiet)) text += finding_json(one, "");
  }
  return text;
}

} // namespace waypost::spfcheck
