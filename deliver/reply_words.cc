#include "deliver/reply_words.h"

#include <array>

#include "lib/sys/text.h"

namespace waypost::deliver {
namespace {

struct Phrase {
  std::string_view words; // in lower case
  FailureClass klass;
};

// In order: the first that stands in the text decides. Taken from the texts of Postfix, Exim,
// Sendmail, postgrey, rspamd, Spamhaus' and the large providers' postmaster pages.
constexpr std::array kPhrases = std::to_array<Phrase>({
    {"greylist", FailureClass::greylisted},
    {"graylist", FailureClass::greylisted},
    {"grey-list", FailureClass::greylisted},
    {"gray-list", FailureClass::greylisted},
    {"grey list", FailureClass::greylisted},
    {"starttls", FailureClass::tls},
    {"encryption required", FailureClass::tls},
    {"too many connections", FailureClass::rate},
    {"too many concurrent", FailureClass::rate},
    {"too many messages", FailureClass::rate},
    {"too many emails", FailureClass::rate},
    {"too many recipients", FailureClass::rate},
    {"too many sessions", FailureClass::rate},
    {"too much mail", FailureClass::rate},
    {"rate limit", FailureClass::rate},
    {"ratelimit", FailureClass::rate},
    {"rate-limit", FailureClass::rate},
    {"sending rate", FailureClass::rate},
    {"throttl", FailureClass::rate},
    {"unusual rate", FailureClass::rate},
    {"spamhaus", FailureClass::blocked},
    {"spamcop", FailureClass::blocked},
    {"barracuda", FailureClass::blocked},
    {"dnsbl", FailureClass::blocked},
    {" rbl", FailureClass::blocked},
    {"block list", FailureClass::blocked},
    {"blocklist", FailureClass::blocked},
    {"block-list", FailureClass::blocked},
    {"blacklist", FailureClass::blocked},
    {"black list", FailureClass::blocked},
    {"denylist", FailureClass::blocked},
    {"blocked using", FailureClass::blocked},
    {"is blocked", FailureClass::blocked},
    {"been blocked", FailureClass::blocked},
    {"client host blocked", FailureClass::blocked},
    {"ip address blocked", FailureClass::blocked},
    {"listed at", FailureClass::blocked},
    {"listed by", FailureClass::blocked},
    {"listed in", FailureClass::blocked},
    {"listed on", FailureClass::blocked},
    {"poor reputation", FailureClass::blocked},
    {"bad reputation", FailureClass::blocked},
    {"low reputation", FailureClass::blocked},
    {"banned", FailureClass::blocked},
    {"authentication required", FailureClass::auth},
    {"not authenticated", FailureClass::auth},
    {"spf check", FailureClass::auth},
    {"dmarc", FailureClass::auth},
    {"reverse dns", FailureClass::dns},
    {"reverse hostname", FailureClass::dns},
    {"ptr record", FailureClass::dns},
    {"domain not found", FailureClass::dns},
    {"user unknown", FailureClass::mailbox},
    {"unknown user", FailureClass::mailbox},
    {"no such user", FailureClass::mailbox},
    {"over quota", FailureClass::mailbox},
    {"mailbox full", FailureClass::mailbox},
    {"mailbox unavailable", FailureClass::mailbox},
    {"looks like spam", FailureClass::content},
    {"spam message", FailureClass::content},
    {"virus", FailureClass::content},
});

} // namespace

FailureClass class_by_words(Stage stage, const Reply& reply) {
  if (reply.text.empty()) return FailureClass::none;
  const std::string text = ascii_lower(reply.text);
  for (const Phrase& one : kPhrases) {
    if (text.find(one.words) == std::string::npos) continue;
    // Greylisting is always temporary: "5xx ... not greylisted" means something else.
    if (one.klass == FailureClass::greylisted && !reply.transient()) continue;
    // "This mailbox is blocked" speaks of the recipient.
    const bool of_mailbox =
        stage == Stage::rcpt && one.klass == FailureClass::blocked && reply.status.subject == 2;
    if (!of_mailbox) return one.klass;
  }
  return FailureClass::none;
}

bool says_too_many_recipients(const Reply& reply) {
  if (reply.code != 452 && reply.code != 552) return false;
  if (reply.status.subject == 5 && reply.status.detail == 3) return true;
  if (ascii_lower(reply.text).find("too many") != std::string::npos) return true;
  // RFC 5321 4.5.3.1.10: 452 is its code; 552 without further words is a full mailbox.
  return reply.code == 452 && reply.status.subject == 0;
}

} // namespace waypost::deliver
