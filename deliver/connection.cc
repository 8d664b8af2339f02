#include "deliver/connection.h"

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

net::Task<Result<>> Connection::send(std::string_view bytes, std::uint64_t timeout_ms) {
  const net::Deadline deadline = loop_.in(timeout_ms);
  const Result<> sent = co_await stream_.write_all(bytes, deadline);
  if (!sent) usable_ = false;
  co_return sent;
}

// A reply whose lines have all arrived; no await is needed for it.
Result<std::optional<Reply>> Connection::arrived_reply() {
  for (;;) {
    const Result<std::optional<std::string_view>> line = lines_.next();
    if (!line) return std::unexpected(line.error());
    if (!*line) return std::nullopt;
    Result<std::optional<Reply>> reply = parser_.line(**line);
    if (!reply || *reply) return reply;
  }
}

net::Task<Result<Reply>> Connection::reply(std::uint64_t timeout_ms) {
  const net::Deadline deadline = loop_.in(timeout_ms);
  for (;;) {
    Result<std::optional<Reply>> whole = arrived_reply();
    if (!whole) {
      usable_ = false;
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
      if (!got) co_return std::unexpected(got.error());
      co_return fail_errno("closed by the server", ECONNRESET);
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
  co_return done;
}

void Connection::quit() {
  if (usable_) stream_.write_and_forget("QUIT\r\n");
  usable_ = false;
}

} // namespace waypost::deliver
