#include "deliver/probe_advice.h"

#include "deliver/own_addresses.h"
#include "deliver/who_acts.h"

namespace waypost::deliver {
namespace {

using Step = ProbeFinding::Step;

ProbeAdvice of_names(const Outcome& outcome, const Transport& transport) {
  if (!to_exchangers(transport))
    return {"the host's name leads nowhere: mail by this transport waits",
            who_must_act(transport, FailureClass::dns)};
  const std::string code = outcome.status.text();
  if (code == "5.1.10")
    return {"the domain says by a null MX that it takes no mail: it is returned at once",
            "nothing here; ask the recipient for another address"};
  if (code == "5.4.6")
    return {"the domain's mail leads back to this machine: sending it there would be a loop",
            "let this machine's mailboxes be served by what holds them, or give the domain a rule "
            "to another transport; local_hosts = true allows it, for tests"};
  if (code == "5.1.2")
    return {"no such domain: mail to it is returned",
            "look for a typing mistake; if it is new, its records may not be everywhere yet"};
  if (outcome.disposition == Disposition::failed)
    return {"the domain names no host that could take its mail: mail is returned",
            "who runs the domain must put its MX and addresses right"};
  return {"the name servers do not answer: mail waits, and is tried again",
          "look at this machine's resolver; if other domains are found, at those of the domain"};
}

ProbeAdvice of_connection(const Outcome& outcome, const Transport& transport) {
  const bool refused = outcome.reply.find("refused") != std::string::npos;
  ProbeAdvice advice;
  advice.means = refused ? "nothing listens there, or a firewall says no"
                         : "nothing answers: the host is down, or a firewall on the way drops what "
                           "we send";
  advice.act = transport.port == 25 && to_exchangers(transport)
                   ? "try another host's port 25: where none answers, this network's provider "
                     "blocks it, and mail must go by a smarthost or by submission, port 587"
                   : who_must_act(transport, FailureClass::unreachable);
  return advice;
}

ProbeAdvice of_refusal(const Outcome& outcome, const Transport& transport) {
  switch (outcome.klass) {
  case FailureClass::blocked:
    return {"the host refuses this machine's address, which often stands on a block list",
            "see which list its answer names, and ask there; a rule with after = [\"blocked\"] "
            "sends by another transport meanwhile"};
  case FailureClass::greylisted:
  case FailureClass::rate:
    return {"the host wants us to come later, or less often: mail waits, and is tried again",
            "nothing at first; if it lasts, lower the transport's connections or rate"};
  case FailureClass::unreachable:
    return {"the connection was lost before the host said what it should",
            "try again; if it lasts, ask who runs the host, or look for a filter on the way"};
  case FailureClass::none:
  case FailureClass::auth:
  case FailureClass::tls:
  case FailureClass::dns:
  case FailureClass::mailbox:
  case FailureClass::content:
  case FailureClass::other: break;
  }
  return {"the host does not talk with us: mail waits, and is tried again",
          who_must_act(transport, outcome.klass)};
}

ProbeAdvice of_tls(const Outcome& outcome, const Transport& transport) {
  const bool verified = transport.tls == TlsPolicy::verified;
  const bool certificate = outcome.reply.find("certificate") != std::string::npos;
  if (certificate && verified)
    return {"its certificate is not to be trusted, and this transport wants a verified one: mail "
            "waits",
            "if the server is the right one, put its certificate right, or name its authority by "
            "ca, or its key by pin"};
  return {"TLS cannot be had, and this transport demands it: mail waits, nothing leaves in clear "
          "text",
          who_must_act(transport, FailureClass::tls)};
}

} // namespace

ProbeAdvice advice_for(Step step, const Outcome& outcome, const Transport& transport) {
  switch (step) {
  case Step::dns: return of_names(outcome, transport);
  case Step::proxy:
    return {"the proxy does not take us to the host: mail by this transport waits",
            who_must_act(transport, outcome.klass)};
  case Step::connect: return of_connection(outcome, transport);
  case Step::greeting:
  case Step::ehlo: return of_refusal(outcome, transport);
  case Step::tls: return of_tls(outcome, transport);
  case Step::auth:
    return {"the login was not taken: all mail by this transport waits",
            who_must_act(transport, outcome)};
  }
  return {};
}

} // namespace waypost::deliver
