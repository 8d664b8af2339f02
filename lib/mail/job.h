// Jobs and their results: the format on the socket between waypost-qmgr and waypost-deliver, and on
// from there to a sender.
//
// manager -> deliver -> sender
//   type=job     one message for some of its recipients, all by one transport to one destination;
//                the message's file beside it as a read-only descriptor (SCM_RIGHTS on the frame's
//                first byte)
//   type=reload  (manager -> deliver) read the snapshot again
// sender -> deliver -> manager
//   type=taken   the job's descriptor has been received: one credit back (the kernel bounds
//                descriptors in flight)
//   type=result  a transaction; `end=1` on the last of a job, when every recipient of it has an
//                outcome; `transcript=` where not all were delivered
//   type=stale   (deliver -> manager) the job was made under another generation: ask the routes
//                again, no attempt was made
//   type=untried (deliver -> manager) the sender left without having begun the job: no
//                attempt was made, and another sender may have it at once
//   type=senders  (deliver -> manager) sender_state.h
//
// A job is known by its number, which the manager never uses twice while it runs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/mail/envelope.h"
#include "lib/mail/message_id.h"
#include "lib/mail/transaction.h"

namespace waypost {

struct JobRecipient {
  std::uint32_t number = 0; // in the envelope
  EnvelopeRecipient recipient;
};

struct Job {
  std::uint64_t job = 0;
  std::uint64_t generation = 0; // of the snapshot by which it was routed
  std::string id;               // of the message, for logs
  std::string account;
  std::string transport;
  std::string destination; // route_query.h
  std::uint32_t attempt = 1;
  std::uint64_t kick = 0; // given by hand, with that number: one probe where a failure is known
  EnvelopeSender sender;
  std::uint64_t offset = 0; // of the message in the descriptor's file
  std::uint64_t length = 0;
  bool eight_bit = false;
  std::string
      headers; // overlay: stand in place of the message's first `skip` bytes when `skip` is not 0
  std::uint64_t skip = 0;
  std::string signature; // overlay: goes first, unless the transport says dkim = false
  std::string prefer;    // an address that greylisted this message and should be tried again
  std::string avoid;     // "ipv4" or "ipv6": the family of the address that failed last
  std::vector<JobRecipient> recipients; // ascending numbers
};

struct JobResult {
  std::uint64_t job = 0;
  Transaction transaction;
  bool end = false;
  std::string transcript; // the dialogue (transcript.h), unless all were delivered
};

[[nodiscard]] Record to_record(const Job& job);
[[nodiscard]] Result<Job> job_of(const Record& record);
[[nodiscard]] Record to_record(const JobResult& result);
[[nodiscard]] Result<JobResult> job_result(const Record& record);

// The longest frame on these sockets: a job of 2,000 recipients with long addresses.
inline constexpr std::size_t kMaxJobFrame = std::size_t{4} << 20;
// Jobs whose descriptor has not been taken yet.
inline constexpr int kJobCredits = 64;

} // namespace waypost
