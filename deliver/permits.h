// Permits: `connections` of a transport holds over all its senders for one best MX host, and for
// one address. waypost-deliver's side; no I/O. The records are those of sender_records.h.
//
// A sender says to which hosts it will connect. While no other has one of them in common it is
// alone, and nothing more is said. From the first that has, each of those asks for a permit for a
// connection and says when that is closed. Permits are given in the order in which they were asked
// for; who has more than others is asked to yield one when none is left. What a sender held comes
// back with its end. It is believed only within its own limit.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/mail/record.h"

namespace waypost::deliver {

class PermitSeat;

class Permits {
public:
  Permits() = default;

private:
  friend class PermitSeat;
  // Something that all senders of a transport have `connections` of: a best MX, or an address.
  using Resource = std::pair<std::string, std::string>; // transport, "mx NAME" or "ip ADDRESS"
  struct Want {
    PermitSeat* seat;
    std::string address;
    bool others_asked = false; // somebody was asked to yield
  };

  void sit_down(PermitSeat& seat);
  void stand_up(PermitSeat& seat);
  void give_what_is_free();
  [[nodiscard]] const Resource* first_full(const Want& want, bool& unknown) const;
  void ask_to_yield(Want& want, const Resource& full);

  std::map<Resource, std::set<PermitSeat*>> seats_;
  std::list<Want> wants_;
};

// One sender's place among them.
class PermitSeat {
public:
  using Say = std::function<void(Record)>;
  // `all` outlives this.
  PermitSeat(Permits& all, std::string transport, std::uint32_t limit, Say say)
      : all_(all),
        transport_(std::move(transport)),
        limit_(limit),
        say_(std::move(say)) {}
  PermitSeat(const PermitSeat&) = delete;
  PermitSeat& operator=(const PermitSeat&) = delete;
  ~PermitSeat();

  // A record from the sender. False when it is none of these, or comes at the wrong time.
  [[nodiscard]] bool take(const Record& record);

private:
  friend class Permits;
  enum class State : std::uint8_t { unknown, alone, reporting, shared };

  bool take_hosts(const Record& record);
  bool take_open(const Record& record);
  bool take_closed(const std::string& address);
  void share();
  [[nodiscard]] std::size_t uses(const std::string& resource) const;

  Permits& all_;
  std::string transport_;
  std::uint32_t limit_;
  Say say_;
  State state_ = State::unknown;
  std::set<Permits::Resource> resources_;
  std::vector<std::string> open_; // the address of each connection
};

} // namespace waypost::deliver
