#include <algorithm>

#include "lib/sys/text.h"
#include "route/import.h"

namespace waypost::route {

std::string import_name(std::string_view text) {
  std::string name;
  for (const char c : text.substr(0, 60)) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.';
    name += fits ? c : '_';
  }
  while (!name.empty() && (name.front() == '-' || name.front() == '.'))
    name.erase(0, 1);
  return name.empty() ? "relay" : name == "direct" ? "direct-relay" : name;
}

std::string base_name(std::string_view path) {
  return printable(path.substr(path.rfind('/') + 1));
}

void import_port(ImportDraft& draft, ImportedTable& to, std::string_view port,
                 const ImportOrigin& where) {
  const auto number = parse_number(port, 65'535);
  if (number && *number > 0) {
    to.add("port", integer_node(static_cast<std::int64_t>(*number)), where);
    return;
  }
  draft.note(where, "port " + quoted(port) + " is no number from 1 to 65535: write it yourself");
}

void import_login(ImportDraft& draft, ImportedTable& to, const std::string& user,
                  const ImportOrigin& where, const std::string& secret) {
  to.add("user", text_node(user), where);
  to.add("credential", text_node(to.name), where);
  draft.secrets.push_back("waypost credential add " + to.name + "    # " + secret);
}

ImportedKey import_no_local_mail(const std::string& program) {
  return {"local_domains", list_node({}), program + " delivers nothing on this machine"};
}

ImportedTable import_rule(const std::string& transport, const ImportOrigin& where) {
  ImportedTable rule;
  rule.origin = where.text();
  rule.add("transport", text_node(transport), where);
  return rule;
}

} // namespace waypost::route
