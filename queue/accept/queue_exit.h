// QueueExit: how waypost-queue ends. The codes are qmail-queue's, so that its wrappers work.
//
// 11, 31 and 91 are the caller's trouble and permanent; all others but 0 are ours and temporary.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace waypost::queue {

enum class QueueExit : std::uint8_t {
  accepted = 0,
  address_too_long = 11,
  too_large = 31, // qmail's "permanently refused": size_max is the one reason
  out_of_memory = 51,
  timeout = 52,
  write_error = 53, // disk full, below queue_free_min, a failed sync
  read_error = 54,  // message or envelope end early
  spool = 62,       // spool/new cannot be opened, or its file system is not trusted
  spool_tmp = 63,
  create = 64,
  name = 66,
  busy = 71,          // waypost-accept has no place for the caller
  no_answer = 72,     // it said nothing for too long
  not_connected = 73, // there is nobody to hand the message to
  connection_lost = 74,
  internal = 81,
  bad_envelope = 91,
};

// Why a message was not accepted: the exit, and a sentence for a person.
struct Refusal {
  QueueExit exit = QueueExit::internal;
  std::string text;
};

// What an exit status of waypost-queue, or of a program that stands in for it, means.
[[nodiscard]] std::string_view explain_queue_exit(int status);
// The sysexits(3) status that sendmail gives for it.
[[nodiscard]] int sysexit_for(int status);

} // namespace waypost::queue
