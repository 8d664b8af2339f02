// Decision: which transport carries a recipient now, and which rule said so.
//
// 1. A transport set by hand goes before all rules. One that does not exist: the message waits.
// 2. Rules are tried account, then sender's domain, then global, in order; the first that matches
//    decides. No rule: direct.
// 3. A transport that has refused this recipient for good is not tried again: a rule that leads to
//    it is passed over, and so is direct where no rule matches. When nothing is left, the message
//    waits for somebody to add a rule, until it expires; direct is what is left only where no rule
//    matched, passed over or not.
// 4. After a failure for good (question.refusal) the question is another: is there a rule whose
//    `after` names this very class, and whose transport has not refused yet? If not, it bounces.
//
// Why 3 takes in rules without `after`, and direct: a recipient that was moved away must not come
// back. Direct says 550 blocked, the rule with `after` moves it to a proxy, the proxy says 451
// greylisted. At the next attempt the classes are blocked and greylisted: the rule still matches,
// and the proxy, which only deferred, is tried again and takes the mail. A rule without `after`
// that stands above would send it back to the server that has refused for good already, be refused
// again, and use up the moves. Classes and attempts only grow, so as long as the configuration
// stays, the rule that allowed a move matches at every later attempt; that nothing is left happens
// only when somebody has changed the rules, and then waiting is right: never direct, and no bounce
// that nobody asked for. How many moves there may be is counted by the queue manager.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lib/mail/route_query.h"
#include "lib/mail/snapshot.h"
#include "lib/sys/passwd.h"
#include "route/alias_book.h"
#include "route/local_names.h"
#include "route/question.h"
#include "route/rule_index.h"

namespace waypost::route {

// A snapshot and its index. Made once for each generation.
class Routes {
public:
  Routes() = default; // no snapshot: every answer is to wait
  // `users` finds a user of this machine; tests have their own.
  using FindUser = std::function<Result<std::optional<PasswdEntry>>(std::string_view)>;
  explicit Routes(Snapshot snapshot, FindUser users = find_local_user);

  [[nodiscard]] const Snapshot& snapshot() const { return snapshot_; }
  [[nodiscard]] bool loaded() const { return snapshot_.settings.generation != 0; }
  [[nodiscard]] const RuleIndex& index() const { return index_; }
  // Looked at again whenever it is asked, so not a part of the snapshot.
  [[nodiscard]] AliasBook& aliases() const { return *aliases_; }
  [[nodiscard]] const FindUser& find_user() const { return users_; }

private:
  Snapshot snapshot_;
  RuleIndex index_;
  std::shared_ptr<AliasBook> aliases_;
  FindUser users_;
};

struct Decision {
  enum class Kind : std::uint8_t {
    use,
    wait,
    bounce,
    refuse,    // there is no such mailbox, or a loop
    expand,    // an alias of several
    ask_local, // only the local part can decide
  };
  Kind kind = Kind::wait;
  const Transport* transport = nullptr; // use
  const RouteRule* rule = nullptr;      // use: none when set by hand or by default
  bool by_hand = false;
  std::string reason; // wait; refuse: the reply
  // Recipients of this machine, local_decision.h.
  FailureClass klass = FailureClass::none; // refuse
  std::string alias;                       // "aliases:12", where an alias led on
  std::string to;                          // use: the recipient's address from here on
  std::string mailbox;                     // use, of a local transport: whose
  std::vector<std::string> members;        // expand
  std::string sender;                      // expand: the alias's owner, where it has one
};

// By the rules alone, as if all mail left this machine.
[[nodiscard]] Decision decide(const Routes& routes, const Question& question);

// Whether a rule that matches is passed over because of what was refused already.
[[nodiscard]] bool passed_over(const RouteRule& rule, const Question& question);

// What recipients are grouped by: the domain's own servers, or the one host.
[[nodiscard]] std::string destination(const Transport& transport, const Question& question,
                                      const Settings& settings);

} // namespace waypost::route
