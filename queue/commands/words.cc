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

} // namespace waypost::queue
