#include "deliver/connection.h"

#include <algorithm>

#include "lib/mail/idna.h"
#include "lib/sys/text.h"

namespace waypost::deliver {

bool NamedDomains::take(const Address& recipient, std::uint32_t most) {
  if (most == 0) return true;
  std::string domain = normal_domain(recipient.domain()).value_or(ascii_lower(recipient.domain()));
  if (domains_.size() >= most && !domains_.contains(domain)) return false;
  domains_.insert(std::move(domain));
  return true;
}

net::Task<Result<>> Connection::connect(std::uint16_t port, std::uint64_t timeout_ms) {
  recorder_.opens();
  const net::Deadline deadline = loop_.in(timeout_ms);
  const Result<> connected = co_await stream_.connect(to_.address, port, deadline);
  if (connected) {
    note("connected to " + describe(to_));
  } else {
    note(describe(to_) + ": " + connected.error().text);
  }
  co_return connected;
}

net::Deadline Connection::in(std::uint64_t timeout_ms) const {
  return {std::min(loop_.in(timeout_ms).at_ms, end_.at_ms)};
}

Error Connection::explained(Error error) const {
  const bool all = error.code == ETIMEDOUT && loop_.now_ms() >= end_.at_ms;
  if (all) error.text = "slower over all than timeout_transaction allows: " + error.text;
  return error;
}

net::Task<Result<>> Connection::write(std::string_view bytes, std::uint64_t timeout_ms) {
  const net::Deadline deadline = in(timeout_ms);
  Result<> sent = co_await stream_.write_all(bytes, deadline);
  if (!sent) {
    sent = std::unexpected(explained(sent.error()));
    usable_ = false;
    note(sent.error().text);
  }
  co_return sent;
}

net::Task<Result<>> Connection::send(std::string_view bytes, std::uint64_t timeout_ms) {
  recorder_.sent(loop_.now_ms(), bytes);
  const Result<> sent = co_await write(bytes, timeout_ms);
  co_return sent;
}

net::Task<Result<>> Connection::send_message(std::string_view bytes, std::uint64_t timeout_ms) {
  recorder_.message(bytes.size());
  const Result<> sent = co_await write(bytes, timeout_ms);
  co_return sent;
}

bool Connection::has_spoken() {
  if (!lines_.empty()) return true;
  const Result<std::optional<std::size_t>> got = stream_.read_now(lines_.space());
  if (!got) return true; // the next read tells the error
  if (*got) lines_.filled(**got);
  return got->has_value();
}

// A reply whose lines have all arrived; no await is needed for it.
Result<std::optional<Reply>> Connection::arrived_reply() {
  for (;;) {
    const Result<std::optional<std::string_view>> line = lines_.next();
    if (!line) return std::unexpected(line.error());
    if (!*line) return std::nullopt;
    recorder_.received(loop_.now_ms(), **line);
    Result<std::optional<Reply>> reply = parser_.line(**line);
    if (!reply || *reply) return reply;
  }
}

net::Task<Result<Reply>> Connection::reply(std::uint64_t timeout_ms) {
  const net::Deadline deadline = in(timeout_ms);
  for (;;) {
    Result<std::optional<Reply>> whole = arrived_reply();
    if (!whole) {
      usable_ = false;
      note(whole.error().text);
      co_return std::unexpected(whole.error());
    }
    if (*whole) {
      // RFC 5321 3.8: after a 421 the server closes.
      if ((*whole)->code == 421) usable_ = false;
      co_return std::move(**whole);
    }
    const Result<std::size_t> got = co_await stream_.read_some(lines_.space(), deadline);
    if (!got || *got == 0) {
      usable_ = false;
      const Error error =
          got ? fail_errno("closed by the server", ECONNRESET).error() : explained(got.error());
      note(got ? "closed by the server" : error.text);
      co_return std::unexpected(error);
    }
    lines_.filled(*got);
  }
}

net::Task<Result<Reply>> Connection::ask(std::string command, std::uint64_t timeout_ms) {
  const Result<> sent = co_await send(command, timeout_ms);
  if (!sent) co_return std::unexpected(sent.error());
  Result<Reply> answer = co_await reply(timeout_ms);
  co_return answer;
}

net::Task<Result<>> Connection::start_tls(net::TlsContext& tls, const std::string& domain,
                                          std::uint64_t timeout_ms) {
  usable_ = false; // until the handshake is done
  if (!lines_.empty()) co_return fail("clear text behind the reply to STARTTLS");
  net::TlsPeer peer;
  peer.host = to_.host.empty() || to_.host.front() == '[' ? to_.address.text() : to_.host;
  if (!domain.empty()) peer.names.push_back(domain);
  peer.session = peer.host + ' ' + to_.address.text();
  Result<std::unique_ptr<net::TlsSession>> session = tls.session(peer);
  if (!session) co_return std::unexpected(session.error());
  std::unique_ptr<net::TlsSession> begun = std::move(*session);
  const net::Deadline deadline = loop_.in(timeout_ms);
  const Result<> done = co_await stream_.start_tls(std::move(begun), deadline);
  usable_ = done.has_value();
  note(done ? stream_.tls() : done.error().text);
  co_return done;
}

void Connection::quit() {
  if (usable_) stream_.write_and_forget("QUIT\r\n");
  usable_ = false;
}

} // namespace waypost::deliver
