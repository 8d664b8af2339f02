#include "deliver/probe_report.h"

#include "deliver/dialogue_lines.h"
#include "lib/sys/json.h"
#include "lib/sys/text.h"

namespace waypost::deliver {
namespace {

std::string padded(std::string_view word, std::size_t width) {
  std::string text(word);
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string verdict(int status) {
  if (status == 0)
    return "ready: mail can go out this way. No message was sent: what the server says to sender, "
           "recipient and content is not known.\n";
  return status == 100 ? "not ready, and it stays so until somebody acts.\n"
                       : "not ready now; it may pass.\n";
}

std::string finding_json(const ProbeFinding& one) {
  JsonObject object;
  object.text("step", name(one.step)).text("level", name(one.level)).some_text("host", one.host);
  object.text("found", one.found).some_text("means", one.means).some_text("act", one.act);
  return object.str();
}

std::string host_json(const HostAddress& one) {
  JsonObject object;
  object.text("host", one.host).some_text("address", one.by_name ? "" : one.address.text());
  return object.number("preference", one.preference).number("port", one.port).str();
}

std::string offered_json(const Capabilities& offered) {
  JsonObject object;
  object.boolean("pipelining", offered.pipelining).boolean("size", offered.size);
  object.number("size_limit", offered.size_limit).boolean("8bitmime", offered.eight_bit_mime);
  object.boolean("smtputf8", offered.smtputf8).boolean("dsn", offered.dsn);
  JsonArray auth;
  for (const std::string& one : offered.auth)
    auth.add(json_string(one));
  return object.raw("auth", auth.str()).str();
}

std::string try_json(const ProbeTry& one) {
  JsonObject object;
  object.raw("host", host_json(one.host)).boolean("ready", !one.failure);
  object.some_text("tls", one.tls);
  if (!one.failure) object.raw("offered", offered_json(one.offered));
  if (one.failure) {
    const Outcome& why = one.failure->outcome;
    object.null("offered").some_text("class", name(why.klass));
    if (why.code != 0) object.number("code", static_cast<std::uint64_t>(why.code));
    if (why.code == 0) object.null("code");
    object.text("reply", why.reply);
  }
  return object.raw("steps", dialogue_json(one.dialogue)).str();
}

} // namespace

std::string probe_text(const ProbeFindings& found, bool dialogue) {
  const Transport& transport = *found.transport;
  std::string text = "transport " + printable(transport.name) + " (type " +
                     std::string(name(transport.type)) + ")";
  text += found.destination.empty() ? "\n" : ", mail for " + printable(found.destination) + "\n";
  std::string host;
  for (const ProbeFinding& one : findings_of(found)) {
    if (one.host != host) text += one.host + "\n";
    host = one.host;
    text += "  " + padded(name(one.level), 8) + padded(name(one.step), 9) + one.found + "\n";
    if (!one.means.empty()) text += "          means: " + one.means + "\n";
    if (!one.act.empty()) text += "          to do: " + one.act + "\n";
  }
  for (const ProbeTry& one : found.tries)
    if (dialogue) text += describe(one.host) + "\n" + dialogue_text(one.dialogue, "  ");
  return text + verdict(probe_status(found));
}

std::string probe_json(const ProbeFindings& found) {
  JsonArray hosts;
  for (const HostAddress& one : found.hosts.addresses)
    hosts.add(host_json(one));
  JsonArray tries;
  for (const ProbeTry& one : found.tries)
    tries.add(try_json(one));
  JsonArray findings;
  for (const ProbeFinding& one : findings_of(found))
    findings.add(finding_json(one));
  JsonObject object;
  object.text("transport", found.transport->name).text("type", name(found.transport->type));
  object.some_text("destination", found.destination);
  object.boolean("ready", probe_status(found) == 0).raw("hosts", hosts.str());
  return object.raw("tries", tries.str()).raw("findings", findings.str()).str();
}

} // namespace waypost::deliver
