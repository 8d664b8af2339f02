// The table of phrases by which replies are told apart: reply_words.cc looks them up.
//
// Taken from the texts of Postfix, Exim, Sendmail, postgrey, policyd, rspamd, of filters and lists,
// and of the large providers' postmaster pages; tests/unit/deliver/replies_of_*_test.cc hold each
// to replies that were really sent. A new reply becomes a row there first, then a phrase here.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "lib/mail/outcome.h"

namespace waypost::deliver {

// Phrases in lower case; a * stands for anything between two parts.
using Phrases = std::span<const std::string_view>;

inline constexpr auto kOfTheMailbox = std::to_array<std::string_view>({
    "mailbox has been blocked",
    "mailbox is blocked",
    "account is blocked",
    "account has been blocked",
    "user is blocked",
    "recipient address rejected: blocked",
    "recipient address rejected: access denied", // Exchange Online, of unknown recipients
    "recipient addresses rejected",
    "receiving mail too quickly",
    "receiving mail at a rate",
    "recipient has exceeded",
    "not listed in",
    "not in recipient list",
});

inline constexpr auto kOfADomainOrLink = std::to_array<std::string_view>({
    "dbl.spamhaus",
    "spamhaus dbl",
    "surbl",
    "uribl",
    "mailfrom domain is listed",
    "sender address [*blocked using", // Postfix's reject_rhsbl_sender
    "reputation of the sending domain",
    "nature of the content",
    "spam url",
    "blocked senders",  // Mimecast: a list of senders that the recipient wrote
    "envelope blocked", // likewise
    "sender <*black",
});

inline constexpr auto kGreylisting = std::to_array<std::string_view>({
    "greylist", "graylist", "grey-list", "gray-list", "grey list", "gray list",
    "policy rejection- please try later",        // policyd
    "internal resources are temporarily",        // Mimecast
    "internal resource temporarily unavailable", // the same, as it reads elsewhere
});

inline constexpr auto kTls = std::to_array<std::string_view>(
    {"starttls", "requiretls", "tls required", "tls is required", "requires tls", "tls/ssl",
     "tls connection", "encryption required", "requires encryption", "encryption is required",
     "secure connection"});

inline constexpr auto kRelay = std::to_array<std::string_view>(
    {"relaying denied", "relay access denied", "relay denied", "relaying disallowed",
     "relay not permitted", "not permitted to relay", "open relay not allowed", "unable to relay",
     "relay operation rejected", "use me*as a relay", "allowed rcpthosts"});

inline constexpr auto kAuth = std::to_array<std::string_view>({"authentication required",
                                                               "authentication is required",
                                                               "authrequired",
                                                               "smtp authentication",
                                                               "not authenticated",
                                                               "unauthenticated sender",
                                                               "must authenticate",
                                                               "dmarc",
                                                               "dkim",
                                                               "spf check",
                                                               "spf record",
                                                               "spf policy",
                                                               "spf fail",
                                                               "spf validation",
                                                               "spf authentication",
                                                               "spf sender",
                                                               "with spf",
                                                               "sender policy framework",
                                                               "permitted by the domain owner",
                                                               "unauthenticated email",
                                                               "is unauthenticated",
                                                               "authentication checks",
                                                               "authentication information",
                                                               "authentication level",
                                                               "spoof"});

inline constexpr auto kRateForGood = std::to_array<std::string_view>({"unusual rate"});

inline constexpr auto kRate = std::to_array<std::string_view>({
    "too many connections",
    "too many concurrent",
    "too many simultaneous",
    "too many sessions",
    "too many messages",
    "too many recent messages",
    "too many emails",
    "too many recipients",
    "too many errors",
    "too much mail",
    "number of concurrent connections",
    "message per connection",
    "messages per connection",
    "number of messages they can send",
    "rate limit",
    "ratelimit",
    "rate-limit",
    "sending rate",
    "throttl",
    "unusual rate",
    "unexpected volume",
    "excessive volume",
    "frequency limited",
    "slow down",
    "temporarily deferred",
    "server busy*as777", // Exchange Online: too much from this address for now
});

// A list of addresses by its name, or words that no other refusal uses.
inline constexpr auto kBlockList = std::to_array<std::string_view>({
    "spamhaus",
    "spamcop",
    "barracudacentral",
    "barracuda reputation",
    "barracudanetworks.com/reputation",
    "sorbs.",
    "uceprotect",
    "hostkarma",
    "invaluement",
    "mail-abuse.com",
    "ipcheck.proofpoint",
    "prs.proofpoint",
    "cloudmark sender intelligence",
    "csi.cloudmark",
    "dnsbl",
    "cdrbl",
    " rbl",
    "real-time black",
    "realtime black",
    "block list",
    "blocklist",
    "block-list",
    "blacklist",
    "black list",
    "denylist",
    "blocked using",
    "banned send", // Exchange Online: "banned sending IP", "banned sender[192.0.2.1]"
    "identified as spammer",
});

inline constexpr auto kDns = std::to_array<std::string_view>(
    {"reverse dns", "reverse hostname", "reverse name", "rdns", "ptr record", "dns ptr",
     "cannot find your hostname", "name lookup failed", "valid sender domain", "domain not found",
     "domain of sender address", "host not found", "invalid dns", "dns error"});

// Exim: our sender's own server did not vouch for the address; who asks makes no difference.
inline constexpr auto kSender = std::to_array<std::string_view>({"sender verify"});

inline constexpr auto kOurAddress = std::to_array<std::string_view>({
    "client host*blocked",
    "client host*banned",
    "client [*blocked",
    "client address*blocked",
    "your ip*blocked",
    "your ip*rejected",
    "your ip*banned",
    "your ip*listed",
    "ip address*blocked",
    "ip address*listed",
    "sending ip*blocked",
    "ip blocked",
    "ip banned",
    "bad ip",
    "listed at",
    "listed by",
    "listed in",
    "listed on",
    "poor reputation",
    "bad reputation",
    "low reputation of the sending ip",
    "ip reputation",
    "found on one or more",
    "blocked - see",  // Proofpoint
    "block for spam", // Comcast
    "(ip based)",     // GMX
    "messages from*weren't sent",
    "permanently deferred", // Yahoo
    "connections will not be accepted from",
    "connections not accepted from ip",
    "not authorized to send email directly",
    "ip not in whitelist",
    "access to this mail system has been rejected", // IronPort
    "access to submit messages to this e-mail system",
    "not allowed to connect",
    "ask your postmaster for help", // T-Online
    "dialup",
    "dynamic ip",
    "dynamic/residential",
    "geographical location",
});

inline constexpr auto kMailbox = std::to_array<std::string_view>({"user unknown",
                                                                  "unknown user",
                                                                  "unknown recipient",
                                                                  "recipient unknown",
                                                                  "no such user",
                                                                  "no such recipient",
                                                                  "no such mailbox",
                                                                  "no mailbox here",
                                                                  "user does not exist",
                                                                  "you tried to reach",
                                                                  "this user doesn't have",
                                                                  "invalid recipient",
                                                                  "invalid mailbox",
                                                                  "unrouteable address",
                                                                  "mailbox not found",
                                                                  "mailbox unavailable",
                                                                  "mailbox is disabled",
                                                                  "account is disabled",
                                                                  "over quota",
                                                                  "overquota",
                                                                  "quota exceeded",
                                                                  "exceeded storage",
                                                                  "mailbox full",
                                                                  "mailbox is full"});

inline constexpr auto kContent = std::to_array<std::string_view>(
    {"as spam", "is spam", "of spam", "spam message", "spam detected", "spam content",
     "unsolicited", "virus", "malware", "phishing", "attachment", "content rejected",
     "content denied", "banned content", "message size", "not rfc compliant", "rfc 5322"});

enum class When : std::uint8_t { always, transient, permanent };

struct Group {
  FailureClass klass;
  When when;
  Phrases phrases;
};

// The first group that has a phrase in the text decides, so what is special stands before what is
// general: "mailbox blocked" before "blocked", a list of domains before the list's owner.
inline constexpr auto kGroups = std::to_array<Group>({
    {FailureClass::mailbox, When::always, kOfTheMailbox},
    {FailureClass::content, When::always, kOfADomainOrLink},
    // Greylisting is always temporary: "5xx ... not greylisted" means something else.
    {FailureClass::greylisted, When::transient, kGreylisting},
    // "Rate limited because this message was not sent over TLS" is about TLS; a rate for mail
    // without SPF is about SPF.
    {FailureClass::tls, When::always, kTls},
    {FailureClass::auth, When::always, kAuth},
    // Too much mail for now is a rate; too much for good is a block of the address.
    {FailureClass::blocked, When::permanent, kRateForGood},
    {FailureClass::rate, When::always, kRate},
    // A list by its name says more than the reason for which it lists ("no reverse DNS").
    {FailureClass::blocked, When::always, kBlockList},
    {FailureClass::auth, When::always, kRelay},
    {FailureClass::dns, When::always, kDns},
    {FailureClass::other, When::always, kSender},
    {FailureClass::blocked, When::always, kOurAddress},
    {FailureClass::mailbox, When::always, kMailbox},
    {FailureClass::content, When::always, kContent},
});

} // namespace waypost::deliver
