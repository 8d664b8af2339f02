// TurnHost: what a turn of a message needs of the manager around it. Answers come later, on the
// loop's thread, or at once: a turn must be ready for both.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "lib/mail/job.h"
#include "lib/mail/message_file.h"
#include "lib/mail/notice_request.h"
#include "lib/mail/overlay_request.h"
#include "lib/mail/route_query.h"
#include "lib/mail/snapshot.h"
#include "lib/sys/fs.h"
#include "queue/manager/job_queue.h"
#include "queue/manager/queue_time.h"
#include "queue/spool/delivered_to.h"
#include "queue/spool/spool_dirs.h"

namespace waypost::queue {

// How a turn ended, and what the schedule shall make of it.
struct TurnEnd {
  enum class Kind : std::uint8_t {
    waits,   // until full_due, or a little when something could not be tried
    held,    // until somebody releases it
    removed, // all settled, the file is gone
    bad,     // set aside in bad/
    gone,    // somebody else took the file away
  };
  Kind kind = Kind::waits;
  bool counted = false; // a full turn: `began` and `full_due` are news
  WallUs began = 0;
  BootMs full_due = 0;
  BootMs notice_due = 0; // the notice of delay is due before the next attempt; 0: it is not
  bool again = false;    // a person's decision wants the next full turn at once
  bool retry = false;    // something could not be tried or made: come back before full_due
};

// What became of a recipient at an attempt, or without one: for the figures.
struct ToldOutcome {
  const std::string& transport; // empty: none was involved
  const std::string& destination;
  const Outcome& outcome;
  WallUs age = 0; // of the message
};

class TurnHost {
public:
  TurnHost() = default;
  TurnHost(const TurnHost&) = delete;
  TurnHost& operator=(const TurnHost&) = delete;
  virtual ~TurnHost() = default;

  [[nodiscard]] virtual Fs& fs() = 0;
  [[nodiscard]] virtual const SpoolDirs& dirs() const = 0;
  [[nodiscard]] virtual const QueueTime& time() const = 0;
  [[nodiscard]] virtual const Settings& settings() const = 0;

  // The account's name: of the head's login, else of its uid.
  virtual void account(const MessageHead& head,
                       std::function<void(const Result<std::string>&)> then) = 0;
  virtual void ask_route(RouteQuery query, std::function<void(const RouteAnswer&)> then) = 0;
  // Is any of this account's mail rewritten, or anybody's signed?
  [[nodiscard]] virtual bool wants_overlay(const std::string& account) const = 0;
  // `file` gives the message's file when its turn has come; an error of it is the answer.
  virtual void ask_overlay(OverlayRequest request, std::function<Result<Fd>()> file,
                           std::function<void(Result<OverlayAnswer>)> then) = 0;
  // Does this transport send signatures (dkim), and does it send at all?
  [[nodiscard]] virtual bool sends_signatures(const std::string& transport) const = 0;
  virtual void submit(Ticket ticket) = 0;
  virtual void ask_notice(NoticeRequest request, std::function<void(Result<std::string>)> then) = 0;
  // `blocking` runs on another thread, `then` on this one.
  virtual void work(std::function<void()> blocking, std::function<void()> then) = 0;
  virtual void later(BootMs wait, std::function<void()> then) = 0;

  // Is a message of that name in the spool?
  [[nodiscard]] virtual bool stands(const MessageId& id) = 0;
  // It shall survive a power cut. Runs on a work thread.
  [[nodiscard]] virtual Result<> make_durable(const MessageId& id) = 0;
  // Creates a message in new/, durable; that it stands already is a success. Runs on a work thread.
  [[nodiscard]] virtual Result<> create(const MessageId& id, const MessageHead& origin,
                                        const EnvelopeSender& sender,
                                        const EnvelopeRecipient& recipient,
                                        const std::string& message) = 0;
  // The same for the message that an alias of several became: `before`, then `message`.
  [[nodiscard]] virtual Result<> create_child(const MessageId& id, const MessageHead& origin,
                                              const MessagePart& message,
                                              const EnvelopeSender& sender,
                                              const std::vector<EnvelopeRecipient>& recipients,
                                              const std::string& before) = 0;
  // Messages made out of `origin` that wait in new/ until it has noted them.
  [[nodiscard]] virtual std::vector<MessageId> waiting_for(const MessageId& origin) const = 0;
  // The notice or the child of that name is durable, and its origin has noted it: schedule it.
  virtual void notice_settled(const MessageId& id) = 0;

  virtual void notice_made(NoticeKind kind) = 0;
  virtual void outcome(const MessageId& id, const ToldOutcome& told) = 0;
  virtual void ended(const MessageId& id, const TurnEnd& end) = 0;
  // Another program of ours broke the protocol: the tree starts again.
  virtual void broken(const std::string& why) = 0;
};

} // namespace waypost::queue
