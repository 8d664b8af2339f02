#include "queue/bounce/class_words.h"

namespace waypost::queue {

ClassWords class_words(FailureClass klass) {
  switch (klass) {
  case FailureClass::blocked:
    return {"their mail server does not take mail from our address; it may stand on a block list.",
            "their mail server does not take mail from our address at the moment.",
            "Nothing is wrong with your message or the address. Tell your postmaster, who can "
            "find out why the address is blocked, and reach the recipient another way."};
  case FailureClass::greylisted:
    return {"their mail server kept asking us to come back later, until the time was up.",
            "their mail server asked us to come back later, as it does with senders that it does "
            "not know yet.",
            "Nothing is wrong with your message. Sending it again often works."};
  case FailureClass::rate:
    return {"their mail server takes no more mail from us for now, and the time was up.",
            "their mail server limits how much mail it takes from us.",
            "Send the message again later. If it happens again, tell your postmaster."};
  case FailureClass::auth:
    return {"our mail server could not log in at the server that carries its mail.",
            "our mail server could not log in at the server that carries its mail.",
            "This is a matter for your postmaster, not for you or the recipient."};
  case FailureClass::tls:
    return {"no secure connection to their mail server could be made.",
            "no secure connection to their mail server could be made.",
            "Tell your postmaster; the certificates or the settings of one side are wrong."};
  case FailureClass::unreachable:
    return {"their mail server could not be reached.",
            "their mail server cannot be reached at the moment.",
            "Check the part of the address after the @. If it is right, their mail server has "
            "trouble: try later, or reach the recipient another way."};
  case FailureClass::dns:
    return {"no mail server was found for the part of the address after the @.",
            "the mail server for the part of the address after the @ cannot be found at the "
            "moment.",
            "Check the part of the address after the @ for typing errors."};
  case FailureClass::mailbox:
    return {"the other end has no such mailbox, or it takes no mail.",
            "the mailbox takes no mail at the moment; it may be full.",
            "Check the address for typing errors, or ask the recipient for the right one."};
  case FailureClass::content:
    return {"the other end did not want the message itself: its size, a part of it, or what its "
            "filter thought of it.",
            "the other end did not take the message itself this time.",
            "See what the other end said above. Try a smaller message, without attachments, or "
            "with other words."};
  case FailureClass::none:
  case FailureClass::other: break;
  }
  return {"the other end did not take the message.",
          "the message could not be handed over at the moment.",
          "See what was said above. Your postmaster can tell you more."};
}

} // namespace waypost::queue
