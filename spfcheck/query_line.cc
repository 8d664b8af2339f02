#include "spfcheck/query_line.h"

#include <vector>

#include "lib/sys/text.h"

namespace waypost::spfcheck {

Result<QueryLine> parse_query_line(std::string_view line) {
  if (line.size() > kMostOfLine) return fail("a line longer than 4096 bytes");
  if (line.contains('\0')) return fail("a line with a NUL");
  const char separator = line.contains('\t') ? '\t' : ' ';
  std::vector<std::string_view> fields;
  for (const std::string_view field : split(line, separator))
    if (!field.empty() || separator == '\t') fields.push_back(field);
  if (fields.size() < 2 || fields.size() > 3) return fail("not IP SENDER HELO");
  const auto ip = net::IpAddress::parse(fields[0]);
  if (!ip) return fail("no IP address: " + std::string(fields[0]));
  QueryLine query{*ip, std::string(fields[1]), {}};
  if (fields.size() == 3 && fields[2] != "-") query.helo = fields[2];
  const bool null = query.sender.empty() || query.sender == "<>";
  if (null && query.helo.empty()) return fail("a null sender needs a HELO name");
  return query;
}

} // namespace waypost::spfcheck
