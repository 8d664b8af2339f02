#include "deliver/probe_findings.h"

#include <algorithm>

#include "deliver/attempt.h"
#include "deliver/own_addresses.h"
#include "deliver/probe_advice.h"
#include "lib/mail/login.h"
#include "lib/mail/transcript.h"
#include "lib/sys/text.h"

namespace waypost::deliver {
namespace {

using Level = ProbeFinding::Level;
using Step = ProbeFinding::Step;

// What the last connection of a try came to, as its dialogue tells.
struct Reached {
  bool connected = false;
  std::string banner;
  std::string mechanism;
  bool starttls_offered = false;
  Step last = Step::connect;
};

void take_command(Reached& reached, std::string_view words) {
  const std::string verb = ascii_lower(cut(words, ' '));
  if (verb == "ehlo" || verb == "helo") reached.last = Step::ehlo;
  if (verb == "starttls") reached.last = Step::tls;
  if (verb != "auth") return;
  reached.last = Step::auth;
  reached.mechanism = cut(words, ' ');
}

Reached read_dialogue(std::string_view dialogue, bool implicit_tls) {
  Reached reached;
  while (const auto line = take_transcript_line(dialogue)) {
    const std::string_view words = line->words;
    if (line->speaker == Speaker::us) take_command(reached, words);
    const bool opens =
        words.starts_with("connected to ") && !words.starts_with("connected to proxy");
    if (line->speaker == Speaker::nobody && (opens || words.starts_with("by it to "))) {
      reached = {};
      reached.connected = true;
      reached.last = implicit_tls ? Step::tls : Step::greeting;
    }
    if (line->speaker == Speaker::nobody && words.starts_with("TLSv") && implicit_tls)
      reached.last = Step::greeting;
    if (line->speaker != Speaker::server) continue;
    if (reached.banner.empty()) reached.banner = words;
    if (words.size() > 4 && ascii_lower(words.substr(4)) == "starttls")
      reached.starttls_offered = true;
  }
  return reached;
}

std::string capabilities_text(const Capabilities& offered) {
  std::string text;
  const auto add = [&](bool there, const std::string& word) {
    if (there) text += (text.empty() ? "" : ", ") + word;
  };
  add(offered.pipelining, "PIPELINING");
  add(offered.size,
      offered.size_limit == 0 ? "SIZE" : "SIZE " + std::to_string(offered.size_limit));
  add(offered.eight_bit_mime, "8BITMIME");
  add(offered.smtputf8, "SMTPUTF8");
  add(offered.dsn, "DSN");
  for (const std::string& one : offered.auth)
    add(true, "AUTH " + printable(one));
  return text.empty() ? "no extension that we use" : text;
}

// With the status where no reply has one.
std::string words_of(const Outcome& outcome) {
  const std::string status = outcome.code == 0 ? outcome.status.text() : "";
  return in_one_line(outcome) + (status.empty() ? "" : " (" + status + ")");
}

class Teller {
public:
  explicit Teller(const ProbeFindings& found) : found_(found), transport_(*found.transport) {}

  std::vector<ProbeFinding> run() {
    tell_names();
    for (const ProbeTry& one : found_.tries)
      tell_try(one);
    return std::move(all_);
  }

private:
  void add(Level level, Step step, const std::string& what, const ProbeAdvice& advice = {}) {
    all_.push_back(
        {level, step, host_, printable(what), printable(advice.means), printable(advice.act)});
  }

  void tell_names() {
    const HostList& hosts = found_.hosts;
    for (const std::string& step : hosts.steps)
      add(Level::note, Step::dns, step,
          {"this host is left out", "who runs the domain may want to know"});
    if (hosts.proxy.outcome)
      add(Level::trouble, Step::proxy, in_one_line(*hosts.proxy.outcome),
          advice_for(Step::proxy, *hosts.proxy.outcome, transport_));
    if (hosts.outcome)
      return add(Level::trouble, Step::dns, words_of(*hosts.outcome),
                 advice_for(Step::dns, *hosts.outcome, transport_));
    std::string text;
    for (const HostAddress& one : hosts.addresses) {
      text += (text.empty() ? "" : ", ") + describe(one);
      if (to_exchangers(transport_)) text += " (preference " + std::to_string(one.preference) + ")";
    }
    add(Level::ok, Step::dns, text);
    const bool own = std::ranges::all_of(
        hosts.addresses, [&](const HostAddress& one) { return one.host == found_.destination; });
    if (to_exchangers(transport_) && own && !found_.destination.starts_with('['))
      add(Level::note, Step::dns, "no MX: the domain's own addresses are its mail hosts",
          {"RFC 5321 5.1 has it so", "nothing"});
  }

  void tell_try(const ProbeTry& one) {
    host_ = describe(one.host);
    const bool implicit = transport_.type == TransportType::submissions;
    const Reached reached = read_dialogue(one.dialogue, implicit);
    for (const std::string& step : one.steps)
      add(Level::note, Step::tls, step,
          {"opportunistic TLS: what cannot be had is done without",
           "tell who runs the host; tls = \"required\" would let mail wait instead"});
    const bool by_proxy = transport_.type == TransportType::socks;
    const Step at = failed_at(one, reached);
    const bool connected = reached.connected && (!one.failure || at > Step::connect);
    if (connected)
      add(Level::ok, Step::connect, by_proxy ? "by the proxy " + transport_.proxy : "connected");
    if (connected && (!one.failure || at > Step::greeting) && !reached.banner.empty())
      add(Level::ok, Step::greeting, reached.banner);
    if (one.failure) return tell_failure(one, at);
    add(Level::ok, Step::ehlo, capabilities_text(one.offered));
    tell_tls(one, reached);
    tell_auth(one, reached);
  }

  [[nodiscard]] Step failed_at(const ProbeTry& one, const Reached& reached) const {
    if (!one.failure) return Step::auth;
    if (one.failure->fault == socks::Fault::proxy) return Step::proxy;
    if (one.failure->of_login || one.failure->outcome.klass == FailureClass::auth)
      return Step::auth;
    if (one.failure->of_tls || one.failure->outcome.klass == FailureClass::tls) return Step::tls;
    return reached.connected ? reached.last : Step::connect;
  }

  void tell_failure(const ProbeTry& one, Step at) {
    const Outcome& why = one.failure->outcome;
    std::string what = in_one_line(why);
    if (one.failure->under_attack) what += "; somebody may have written into the stream";
    add(Level::trouble, at, what, advice_for(at, why, transport_));
  }

  void tell_tls(const ProbeTry& one, const Reached& reached) {
    if (!one.tls.empty()) {
      const bool unverified = one.tls.find("unverified") != std::string::npos;
      if (!unverified) return add(Level::ok, Step::tls, one.tls);
      return add(
          Level::note, Step::tls, one.tls,
          {"encrypted, and nobody has looked whose certificate it is: usual between mail "
           "servers",
           to_exchangers(transport_) ? "nothing" : "tls = \"verified\" makes sure of the host"});
    }
    if (transport_.tls == TlsPolicy::off)
      return add(Level::note, Step::tls, "none: tls = \"off\"",
                 {"mail goes in clear text", "leave tls out, unless the way is safe"});
    add(Level::note, Step::tls,
        reached.starttls_offered ? "none: STARTTLS is offered, and did not work"
                                 : "none: STARTTLS is not offered",
        {"mail goes in clear text", "nothing, unless mail must not: tls = \"required\""});
  }

  void tell_auth(const ProbeTry& one, const Reached& reached) {
    if (!reached.mechanism.empty())
      return add(Level::ok, Step::auth, "logged in by " + reached.mechanism);
    if (transport_.type == TransportType::socks || !logs_in(transport_)) return;
    if (one.offered.auth.empty())
      return add(Level::trouble, Step::auth, "the host offers no login",
                 {"this transport logs in: all mail by it waits",
                  "look at its host and port: submission is port 587"});
    add(Level::note, Step::auth, "not tried", {"a login was not asked for", "--auth tries it"});
  }

  const ProbeFindings& found_;
  const Transport& transport_;
  std::string host_;
  std::vector<ProbeFinding> all_;
};

} // namespace

std::string_view name(Level level) {
  switch (level) {
  case Level::ok: return "ok";
  case Level::note: return "note";
  case Level::trouble: return "trouble";
  }
  return "";
}

std::string_view name(Step step) {
  switch (step) {
  case Step::dns: return "dns";
  case Step::proxy: return "proxy";
  case Step::connect: return "connect";
  case Step::greeting: return "greeting";
  case Step::ehlo: return "ehlo";
  case Step::tls: return "tls";
  case Step::auth: return "auth";
  }
  return "";
}

std::vector<ProbeFinding> findings_of(const ProbeFindings& found) {
  return Teller(found).run();
}

int probe_status(const ProbeFindings& found) {
  constexpr int kPermanent = 100;
  constexpr int kTemporary = 111;
  const bool ready =
      std::ranges::any_of(found.tries, [](const ProbeTry& one) { return !one.failure; });
  if (ready) return 0;
  if (found.tries.empty()) {
    const bool lasts =
        found.hosts.outcome && found.hosts.outcome->disposition == Disposition::failed;
    return lasts ? kPermanent : kTemporary;
  }
  const Outcome& why = found.tries.back().failure->outcome;
  const bool later = why.code >= 400 && why.code < 500;
  return why.klass == FailureClass::auth && !later ? kPermanent : kTemporary;
}

} // namespace waypost::deliver
