// Submission: what waypost-submit does with its messages, once they are saved:
//
//   1. the password is fetched, by a process of its own (keeper.h); from here on this one is
//      confined: it may connect, and change the folder of saved messages
//   2. the message goes out at once (delivery.h)
//   3. a message that everybody has is removed; one that somebody has not stays, for those alone,
//      with the reasons
// Several saved messages are sent one after the other, with one password.
#pragma once

#include <memory>

#include "submit/config.h"
#include "submit/delivery.h"
#include "submit/interrupt.h"
#include "submit/login_line.h"
#include "submit/report.h"
#include "submit/saved_message.h"

namespace waypost::submit {

struct SubmissionWishes {
  bool debug = false;   // the dialogue is told
  bool verbose = false; // what went well is told
};

class Submission {
public:
  // All outlive this. `folders`: those of the messages.
  Submission(Fs& fs, const SubmitConfig& config, SubmissionWishes wishes);
  Submission(const Submission&) = delete;
  Submission& operator=(const Submission&) = delete;
  ~Submission();

  // Once, before send(). An error: there is no password.
  [[nodiscard]] Result<> prepare(const std::vector<std::string>& folders);
  [[nodiscard]] Report send(SavedMessage& message);
  [[nodiscard]] bool interrupted() const { return interrupt_.signal() != 0; }
  // Then no other message is to be tried: servers lock accounts.
  [[nodiscard]] bool login_refused() const { return delivery_ && delivery_->login_refused(); }

private:
  net::Task<> carry(const Job& job, int message);

  Fs& fs_;
  const SubmitConfig& config_;
  SubmissionWishes wishes_;
  net::Loop loop_;
  Interrupt interrupt_;
  std::unique_ptr<LoginLine> login_;
  std::unique_ptr<Delivery> delivery_;
};

// For a message that was not tried at all: where it lies.
[[nodiscard]] std::string where_it_is(const SavedMessage& message);

} // namespace waypost::submit
