#include "queue/accept/queue_exit.h"

#include <sysexits.h>

namespace waypost::queue {

std::string_view explain_queue_exit(int status) {
  switch (status) {
  case 11: return "an address is too long";
  case 31: return "the message is refused";
  case 51: return "out of memory";
  case 52: return "it took too long to hand the message in";
  case 53: return "the queue cannot store it: disk full or failing";
  case 54: return "message or envelope could not be read to the end";
  case 55: return "the configuration cannot be read";
  case 61:
  case 62:
  case 63:
  case 64:
  case 65:
  case 66: return "the queue's folders cannot be used";
  case 71: return "too many messages of this user are on their way to the queue";
  case 72: return "waypost-accept did not answer";
  case 73: return "the queue cannot be reached";
  case 74: return "waypost-accept broke off";
  case 81: return "internal error in waypost-queue";
  case 91: return "malformed envelope";
  default: return "waypost-queue ended unexpectedly";
  }
}

int sysexit_for(int status) {
  switch (status) {
  case 0: return EX_OK;
  case 11:
  case 31: return EX_DATAERR;
  case 51: return EX_OSERR;
  case 54: return EX_IOERR;
  case 55: return EX_CONFIG;
  case 81:
  case 91: return EX_SOFTWARE;
  default: return EX_TEMPFAIL;
  }
}

} // namespace waypost::queue
