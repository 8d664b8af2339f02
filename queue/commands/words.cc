#include "queue/commands/words.h"

namespace waypost::queue {
namespace {

std::string_view auth_sentence(Fault fault) {
  switch (fault) {
  case Fault::login: return "our login was refused";
  case Fault::no_login: return "we could not log in";
  case Fault::theirs:
  case Fault::ours: break;
  }
  return "they do not let us send this";
}

ClassAdvice auth_advice(Fault fault) {
  switch (fault) {
  case Fault::login:
    return {"The server that carries our mail did not accept our login.",
            "The administrator of this host: `user` and `credential` of this transport."};
  case Fault::no_login:
    return {"No login came about, and no server has refused one: something is missing for it.",
            "The administrator of this host: the last attempt says what."};
  case Fault::theirs:
  case Fault::ours: break;
  }
  return {"Their server wants a login, does not relay for us, or takes no mail in the name of the "
          "sender's domain from here (SPF, DKIM, DMARC).",
          "The administrator of this host: what they said tells which. waypost spfcheck looks at "
          "the domain; another transport may be the one for it."};
}

} // namespace

// RFC 4954 4 and 6: what a server says to AUTH. Of the senders' own failures 4.3.0 is where no
// server had a part in them.
Fault fault_of(const Outcome& outcome) {
  if (outcome.code == 0 && outcome.status == EnhancedCode{4, 3, 0}) return Fault::ours;
  if (outcome.klass != FailureClass::auth) return Fault::theirs;
  if (outcome.code == 0) return Fault::no_login;
  const bool login = outcome.code / 10 == 53 || outcome.code == 432 || outcome.code == 454;
  return login ? Fault::login : Fault::theirs;
}

std::string_view kind_word(HistoryKind kind) {
  switch (kind) {
  case HistoryKind::attempt: return "attempt";
  case HistoryKind::hold: return "hold";
  case HistoryKind::release: return "release";
  case HistoryKind::hand: return "hand";
  case HistoryKind::requeue: return "requeue";
  case HistoryKind::notice: return "notice";
  case HistoryKind::overlay: return "overlay";
  case HistoryKind::bounce: return "bounce";
  case HistoryKind::drop: return "drop";
  }
  return "";
}

std::string_view class_sentence(FailureClass klass, Fault fault) {
  switch (klass) {
  case FailureClass::none: return "";
  case FailureClass::blocked: return "our address is blocked there";
  case FailureClass::greylisted: return "they want us to come back later";
  case FailureClass::rate: return "they limit how much they take from us";
  case FailureClass::auth: return auth_sentence(fault);
  case FailureClass::tls: return "no acceptable TLS connection";
  case FailureClass::unreachable: return "the host could not be reached";
  case FailureClass::dns: return "no usable answer from DNS";
  case FailureClass::mailbox: return "trouble with the mailbox";
  case FailureClass::content: return "they do not want this message";
  case FailureClass::other: return "";
  }
  return "";
}

ClassAdvice class_advice(FailureClass klass, Fault fault) {
  if (fault == Fault::ours)
    return {"No server had a part in it: this machine, or the proxy by which it sends, is at "
            "fault.",
            "The administrator of this host: the last attempt says what is wrong."};
  switch (klass) {
  case FailureClass::none: break;
  case FailureClass::greylisted:
    return {"Their server puts off senders that it does not know yet, and asks them to come back.",
            "Nobody has to act: waypost comes back."};
  case FailureClass::blocked:
    return {
        "Their server takes no mail from our address; it may stand on a block list.",
        "The administrator of this host: what they said often names the list. Another transport "
        "may carry the mail until the address is off it."};
  case FailureClass::rate:
    return {"Their server takes only so much mail from us at a time.",
            "Nobody at once. If it lasts, the administrator of this host: fewer `connections` or a "
            "`rate` for this transport, or another transport."};
  case FailureClass::auth: return auth_advice(fault);
  case FailureClass::tls:
    return {"No TLS connection came about that is as good as the transport wants it.",
            "The administrator of this host, or of theirs: a certificate or `tls` is wrong."};
  case FailureClass::unreachable:
    return {"Their server could not be reached: it is down, or something on the way to it is.",
            "Nobody yet: it is tried again. If other hosts cannot be reached either, the "
            "administrator of this host: the network."};
  case FailureClass::dns:
    return {"DNS gave no usable answer for their domain.",
            "The sender, if the domain is mistyped. If other domains fail as well, the "
            "administrator of this host: `resolver`."};
  case FailureClass::mailbox:
    return {"Their server has trouble with this mailbox: it is unknown, full or closed.",
            "The sender: is the address right? Otherwise only the recipient can help."};
  case FailureClass::content:
    return {"Their server does not want this message as it is.",
            "The sender: what they said tells what is wrong with it."};
  case FailureClass::other:
    return {"What they said fits no class of failure that waypost knows.",
            "The administrator of this host, if it lasts: read what they said."};
  }
  return {};
}

} // namespace waypost::queue
