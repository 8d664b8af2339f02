// Connection: one server that we are talking to: its stream, the replies read from it, and what it
// has offered.
//
// A connection is used by one coroutine at a time. After an error of any kind it is of no more use
// (usable() is false from then on) and is closed without a farewell.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "deliver/ehlo.h"
#include "deliver/hosts.h"
#include "deliver/recorder.h"
#include "lib/mail/address.h"
#include "lib/net/lines.h"
#include "lib/net/stream.h"

namespace waypost::deliver {

// The recipient domains named in a session, as RCPTDOMAINMAX counts them (RFC 9422 4.3).
class NamedDomains {
public:
  // Whether one more recipient may be named where `most` domains may be; 0: any number. Remembers
  // its domain.
  [[nodiscard]] bool take(const Address& recipient, std::uint32_t most);

private:
  std::set<std::string> domains_;
};

class Connection {
public:
  // What is said on it goes to `recorder`, which outlives this.
  Connection(net::Loop& loop, Fd fd, HostAddress to, Recorder& recorder)
      : loop_(loop),
        stream_(loop, std::move(fd)),
        to_(std::move(to)),
        recorder_(recorder) {}

  // For what comes before SMTP: a proxy's negotiation. The recorder hears nothing of it.
  [[nodiscard]] net::Stream& stream() { return stream_; }
  [[nodiscard]] net::Task<Result<>> connect(std::uint16_t port, std::uint64_t timeout_ms);
  [[nodiscard]] net::Task<Result<>> send(std::string_view bytes, std::uint64_t timeout_ms);
  // A part of the message: of it the recorder gets only the length.
  [[nodiscard]] net::Task<Result<>> send_message(std::string_view bytes, std::uint64_t timeout_ms);
  // What is sent next is a secret. An AUTH exchange needs no such word.
  void next_is_secret() { recorder_.secret(); }
  [[nodiscard]] net::Task<Result<Reply>> reply(std::uint64_t timeout_ms);
  // Sends and waits for one reply.
  [[nodiscard]] net::Task<Result<Reply>> ask(std::string command, std::uint64_t timeout_ms);
  // From now on no wait is longer than what is left of so much, whatever is asked for.
  void bound_by(std::uint64_t ms) { end_ = loop_.in(ms); }
  void unbound() { end_ = {}; }
  // After the 220 to STARTTLS. What came behind it in clear text is an attack, and an error.
  [[nodiscard]] net::Task<Result<>> start_tls(net::TlsContext& tls, const std::string& domain,
                                              std::uint64_t timeout_ms);

  // RFC 5321 4.1.1.10, without waiting for the answer: nothing depends on it.
  void quit();
  // Bytes have arrived that no reply has taken.
  [[nodiscard]] bool has_more() const { return !lines_.empty(); }
  // Looks without waiting, through TLS too. True when there is something to read: a late reply, a
  // 421, a part of one, or the end of the connection.
  [[nodiscard]] bool has_spoken();

  [[nodiscard]] const HostAddress& to() const { return to_; }
  [[nodiscard]] std::string tls() const { return stream_.tls(); }
  [[nodiscard]] bool encrypted() const { return stream_.encrypted(); }
  [[nodiscard]] net::ChannelBinding channel_binding() const { return stream_.channel_binding(); }
  [[nodiscard]] bool usable() const { return usable_; }
  void give_up() { usable_ = false; }

  Capabilities offered;
  NamedDomains named;
  std::uint32_t transactions = 0; // begun on this connection
  bool open_transaction = false;  // the server holds a MAIL that led to no message: RSET goes first

private:
  [[nodiscard]] net::Deadline in(std::uint64_t timeout_ms) const;
  [[nodiscard]] Error explained(Error error) const;
  net::Task<Result<>> write(std::string_view bytes, std::uint64_t timeout_ms);
  Result<std::optional<Reply>> arrived_reply();
  void note(std::string_view words) { recorder_.note(loop_.now_ms(), words); }

  net::Loop& loop_;
  net::Stream stream_;
  HostAddress to_;
  net::LineReader lines_;
  ReplyParser parser_;
  Recorder& recorder_;
  net::Deadline end_;
  bool usable_ = true;
};

} // namespace waypost::deliver
