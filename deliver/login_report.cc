#include "deliver/login_report.h"

#include "deliver/attempt.h"
#include "deliver/dialogue_lines.h"
#include "deliver/who_acts.h"
#include "lib/mail/transcript.h"
#include "lib/sys/json.h"
#include "lib/sys/text.h"

namespace waypost::deliver {
namespace {

// What the lines of a dialogue tell: the last of each.
struct Told {
  std::string tls;
  std::string mechanism;
  std::vector<std::string> offered;
};

void take_offer(Told& told, std::string_view words) {
  // "250-AUTH PLAIN LOGIN", in a reply to EHLO.
  if (words.size() < 9 || !equal_ignoring_case(words.substr(4, 5), "AUTH ")) return;
  told.offered.clear();
  for (const std::string_view one : split(words.substr(9), ' '))
    if (!one.empty()) told.offered.emplace_back(one);
}

Told read_dialogue(std::string_view dialogue) {
  Told told;
  while (const auto line = take_transcript_line(dialogue)) {
    std::string_view words = line->words;
    if (line->speaker == Speaker::nobody && words.starts_with("TLSv")) told.tls = words;
    if (line->speaker == Speaker::server && words.starts_with("250")) take_offer(told, words);
    if (line->speaker == Speaker::us && words.starts_with("AUTH ")) {
      words.remove_prefix(5);
      told.mechanism = cut(words, ' ');
    }
  }
  return told;
}

std::string target_of(const Transport& transport) {
  if (transport.type == TransportType::socks) return "proxy " + transport.proxy;
  return transport.host + ":" + std::to_string(transport.port);
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& one : texts)
    all += (all.empty() ? "" : ", ") + printable(one);
  return all.empty() ? "none" : all;
}

std::string verdict(const LoginFindings& found, const Told& told) {
  if (found.failure) {
    const Outcome& why = *found.failure;
    return "  not logged in (" + std::string(name(why.klass)) +
           "): " + printable(in_one_line(why)) +
           "\n  who must act: " + who_must_act(*found.transport, why) + "\n";
  }
  std::string text = "  logged in";
  if (!told.mechanism.empty()) text += " by " + printable(told.mechanism);
  text += told.tls.empty() ? ", without TLS" : ", " + printable(told.tls);
  return text + "; no mail was sent\n";
}

std::string texts_json(const std::vector<std::string>& texts) {
  JsonArray all;
  for (const std::string& one : texts)
    all.add(json_string(one));
  return all.str();
}

} // namespace

std::string login_text(const LoginFindings& found) {
  const Transport& transport = *found.transport;
  std::string text = "transport " + printable(transport.name) + ": " +
                     std::string(name(transport.type)) + " to " + printable(target_of(transport)) +
                     ", user " + printable(transport.user) + ", credential " +
                     printable(transport.credential) + "\n";
  text += "  addresses: " + joined(found.addresses) + "\n";
  text += dialogue_text(found.dialogue, "  ");
  return text + verdict(found, read_dialogue(found.dialogue));
}

std::string login_json(const LoginFindings& found) {
  const Transport& transport = *found.transport;
  const Told told = read_dialogue(found.dialogue);
  const Outcome none;
  const Outcome& why = found.failure ? *found.failure : none;
  JsonObject object;
  object.text("transport", transport.name).text("type", name(transport.type));
  object.text("target", target_of(transport)).some_text("user", transport.user);
  object.text("credential", transport.credential).boolean("accepted", !found.failure);
  object.raw("addresses", texts_json(found.addresses)).some_text("tls", told.tls);
  object.raw("offered", texts_json(told.offered)).some_text("mechanism", told.mechanism);
  object.some_text("class", found.failure ? name(why.klass) : "");
  if (why.code != 0) object.number("code", static_cast<std::uint64_t>(why.code));
  if (why.code == 0) object.null("code");
  object.some_text("reply", why.reply);
  object.some_text("act", found.failure ? who_must_act(transport, why) : "");
  return object.raw("steps", dialogue_json(found.dialogue)).str();
}

int login_status(const LoginFindings& found) {
  if (!found.failure) return 0;
  const bool passing = found.failure->code >= 400 && found.failure->code < 500;
  return found.failure->klass == FailureClass::auth && !passing ? 100 : 111;
}

} // namespace waypost::deliver
