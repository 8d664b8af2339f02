// SOCKS5, the client's side, without I/O: bytes in, bytes out (RFC 1928, RFC 1929).
//
// The owner moves the bytes: it sends what outgoing() gives, reads at most wanted() bytes, and
// hands them to take(). What follows the proxy's last reply is the destination's; it is never asked
// for, so that it may come joined with that reply. ended() tells of a stream that has closed or
// fallen silent. In the end the negotiation is connected(), or failure() says whose fault it is.
// The one header of this room that another room may include.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/sys/error.h"

namespace waypost::socks {

// Whose fault a failure is: who can put it right, and whether another destination may do better.
enum class Fault : std::uint8_t {
  proxy,       // it cannot be spoken with, or it refuses us
  destination, // it could not be reached from there
  family,      // 0x08: the kind of its address; the proxy's, when it takes neither IPv4 nor IPv6
};

struct Failure {
  Fault fault = Fault::proxy;
  std::string text;       // one line; nothing in it comes from the proxy but numbers
  bool of_login = false;  // user and password are missing, or wrong
  bool permanent = false; // asked again, the proxy would say the same
};

enum class AddressKind : std::uint8_t { ipv4 = 1, name = 3, ipv6 = 4 }; // RFC 1928 5: ATYP

// A host and its port: where to connect to, and where the proxy's connection comes from.
struct Endpoint {
  AddressKind kind = AddressKind::ipv4;
  std::string host; // an address as inet_ntop(3) writes it; or a name, which may be of any bytes
  std::uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};

// An address as inet_pton(3) reads it, or a name of 1 to 255 printable bytes.
[[nodiscard]] Result<Endpoint> endpoint(std::string_view host, std::uint16_t port);

// RFC 1929: 1 to 255 bytes each.
struct Login {
  std::string user;
  std::string password;
};
[[nodiscard]] Result<> check(const Login& login);

class Negotiation {
public:
  // `to` from endpoint(); a `login` that check() passes is offered beside none at all.
  explicit Negotiation(const Endpoint& to, std::optional<Login> login = std::nullopt);

  // What is to be sent before anything more is read; each byte is given once.
  [[nodiscard]] std::string outgoing();
  // How many bytes may be read now; 0 when it is over.
  [[nodiscard]] std::size_t wanted() const;
  // Takes what belongs to the negotiation from the front of `bytes`, and says how much that was;
  // nothing while outgoing() has something.
  std::size_t take(std::string_view bytes);
  // No more bytes come. `why`: "connection closed", "timed out".
  void ended(std::string_view why);

  [[nodiscard]] bool connected() const { return step_ == Step::connected; }
  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
  // The proxy has taken us, and is connecting to the destination.
  [[nodiscard]] bool asked() const { return step_ == Step::request; }
  // Once connected: where the destination sees us, as far as the proxy says it.
  [[nodiscard]] const Endpoint& bound() const { return bound_; }

private:
  enum class Step : std::uint8_t { method, login, request, connected, failed };

  void advance();
  void take_method();
  void take_login_status();
  void take_reply();
  void say_login();
  void say_request();
  [[nodiscard]] std::size_t reply_size() const;
  [[nodiscard]] std::uint8_t byte(std::size_t at) const {
    return static_cast<std::uint8_t>(arrived_[at]);
  }
  void fail(Failure failure);

  std::string request_;
  std::optional<Login> login_;
  Step step_ = Step::method;
  std::string outgoing_;
  std::string arrived_; // of the message that is being read
  Endpoint bound_;
  std::optional<Failure> failure_;
};

} // namespace waypost::socks
