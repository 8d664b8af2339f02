#include "queue/commands/words.h"

namespace waypost::queue {

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

std::string_view class_sentence(FailureClass klass) {
  switch (klass) {
  case FailureClass::none: return "";
  case FailureClass::blocked: return "our address is blocked there";
  case FailureClass::greylisted: return "they want us to come back later";
  case FailureClass::rate: return "they limit how much they take from us";
  case FailureClass::auth: return "our login was refused";
  case FailureClass::tls: return "no acceptable TLS connection";
  case FailureClass::unreachable: return "the host could not be reached";
  case FailureClass::dns: return "no usable answer from DNS";
  case FailureClass::mailbox: return "trouble with the mailbox";
  case FailureClass::content: return "they do not want this message";
  case FailureClass::other: return "";
  }
  return "";
}

ClassAdvice own_trouble_advice() {
  return {"No server had a part in it: this machine, or the proxy by which it sends, is at fault.",
          "The administrator of this host: the last attempt says what is wrong."};
}

ClassAdvice class_advice(FailureClass klass) {
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
  case FailureClass::auth:
    return {"The server that carries our mail did not accept our login.",
            "The administrator of this host: `user` and `credential` of this transport."};
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
