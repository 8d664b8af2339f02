#include "socks/socks5.h"

#include <utility>

#include "socks/codes.h"
#include "socks/wire_endpoint.h"

namespace waypost::socks {
namespace {

constexpr char kVersion = 5;
constexpr char kLoginVersion = 1; // RFC 1929 2
constexpr char kConnect = 1;

} // namespace

// RFC 1928 3: version, number of methods, methods.
Negotiation::Negotiation(const Endpoint& to, std::optional<Login> login)
    : request_(encode(to)),
      login_(std::move(login)),
      outgoing_{kVersion, static_cast<char>(login_ ? 2 : 1), static_cast<char>(kNoLogin)} {
  if (login_) outgoing_ += static_cast<char>(kPassword);
}

std::string Negotiation::outgoing() {
  return std::exchange(outgoing_, {});
}

std::size_t Negotiation::wanted() const {
  switch (step_) {
  case Step::method:
  case Step::login: return 2 - arrived_.size();
  case Step::request: return reply_size() - arrived_.size();
  case Step::connected:
  case Step::failed: break;
  }
  return 0;
}

std::size_t Negotiation::take(std::string_view bytes) {
  std::size_t taken = 0;
  // Nothing is an answer to what has not been asked yet.
  while (taken < bytes.size() && wanted() > 0 && outgoing_.empty()) {
    const std::string_view part = bytes.substr(taken, wanted());
    arrived_ += part;
    taken += part.size();
    advance();
  }
  return taken;
}

void Negotiation::advance() {
  switch (step_) {
  case Step::method: return take_method();
  case Step::login: return take_login_status();
  case Step::request: return take_reply();
  case Step::connected:
  case Step::failed: break;
  }
}

// RFC 1928 3: version, method.
void Negotiation::take_method() {
  if (byte(0) != kVersion) return fail(no_socks5(byte(0)));
  if (arrived_.size() < 2) return;
  const std::uint8_t method = byte(1);
  if (method == kNoLogin) return say_request();
  if (method == kPassword && login_) return say_login();
  fail(bad_method(method, login_.has_value()));
}

// RFC 1929 2: version, user, password, each with its length before it.
void Negotiation::say_login() {
  step_ = Step::login;
  arrived_.clear();
  outgoing_ = kLoginVersion;
  for (const std::string& part : {login_->user, login_->password}) {
    outgoing_ += static_cast<char>(part.size());
    outgoing_ += part;
  }
}

// RFC 1929 2: version, status. There are proxies that put the version of SOCKS there.
void Negotiation::take_login_status() {
  if (byte(0) != kLoginVersion && byte(0) != kVersion) return fail(no_login_status(byte(0)));
  if (arrived_.size() < 2) return;
  if (byte(1) != 0) return fail(login_refused());
  say_request();
}

// RFC 1928 4: version, command, a reserved byte, destination.
void Negotiation::say_request() {
  step_ = Step::request;
  arrived_.clear();
  outgoing_ = {kVersion, kConnect, 0};
  outgoing_ += request_;
}

// RFC 1928 6: version, code, a reserved byte, the kind of address, address, port. The fifth byte is
// part of any address; for a name it is its length.
std::size_t Negotiation::reply_size() const {
  constexpr std::size_t kHead = 4;
  return arrived_.size() <= kHead
             ? kHead + 1
             : kHead + encoded_size(std::string_view(arrived_).substr(kHead - 1)) - 1;
}

void Negotiation::take_reply() {
  if (byte(0) != kVersion) return fail(no_reply(byte(0)));
  if (arrived_.size() < 2) return;
  // A refusal is one whatever follows it: some proxies leave the address out and close.
  if (byte(1) != 0) return fail(refused(byte(1)));
  if (arrived_.size() < 4) return;
  if (!known_kind(byte(3))) return fail(no_address(byte(3)));
  if (arrived_.size() < reply_size()) return;
  bound_ = decode(std::string_view(arrived_).substr(3));
  step_ = Step::connected;
}

void Negotiation::ended(std::string_view why) {
  switch (step_) {
  case Step::method: return fail(no_greeting(why));
  case Step::login: return fail(no_answer_to_login(why));
  case Step::request: return fail(no_answer_to_request(why));
  case Step::connected:
  case Step::failed: break;
  }
}

void Negotiation::fail(Failure failure) {
  step_ = Step::failed;
  failure_ = std::move(failure);
}

} // namespace waypost::socks
