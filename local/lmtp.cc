#include "local/lmtp.h"

#include <arpa/inet.h>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/mail/reply.h"
#include "lib/sys/confine.h"
#include "lib/sys/fd.h"
#include "lib/sys/text.h"

namespace waypost::local {
namespace {

struct ServerAddress {
  sockaddr_storage bytes{};
  socklen_t length = 0;
};

Result<ServerAddress> address_of(const LmtpServer& server) {
  ServerAddress address;
  if (server.port == 0) {
    sockaddr_un path{};
    if (server.place.size() >= sizeof path.sun_path) return fail("the socket's path is too long");
    path.sun_family = AF_UNIX;
    std::memcpy(path.sun_path, server.place.c_str(), server.place.size() + 1);
    std::memcpy(&address.bytes, &path, sizeof path);
    address.length = sizeof path;
    return address;
  }
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, server.place.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(server.port);
    std::memcpy(&address.bytes, &v4, sizeof v4);
    address.length = sizeof v4;
  } else if (::inet_pton(AF_INET6, server.place.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(server.port);
    std::memcpy(&address.bytes, &v6, sizeof v6);
    address.length = sizeof v6;
  } else {
    return fail(server.place + " is no IP address");
  }
  return address;
}

Result<> wait_for(int socket, short events, BootMs ms) {
  pollfd one{socket, events, 0};
  int ready = -1;
  do {
    ready = ::poll(&one, 1, static_cast<int>(ms));
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) return fail("the server took too long");
  if (ready < 0) return fail_errno("poll");
  return {};
}

Result<Fd> connect_to(const LmtpServer& server) {
  const Result<ServerAddress> address = address_of(server);
  if (!address) return std::unexpected(address.error());
  Fd socket(::socket(address->bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return fail_errno("make a socket");
  const auto* const to = reinterpret_cast<const sockaddr*>(&address->bytes);
  if (::connect(socket.get(), to, address->length) == 0) return socket;
  const std::string what = "connect to " + server.place;
  if (errno != EINPROGRESS) return fail_errno(what);
  const Result<> done = wait_for(socket.get(), POLLOUT, server.connect_ms);
  if (!done) return fail(what + ": " + done.error().text);
  int code = 0;
  socklen_t length = sizeof code;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &code, &length) != 0 || code != 0)
    return fail_errno(what, code);
  return socket;
}

// Dots doubled at the beginning of lines; wire form has CRLF alone (RFC 5321 4.5.2).
class Dots {
public:
  std::string_view take(std::string_view wire) {
    out_.clear();
    for (const char c : wire) {
      if (at_start_ && c == '.') out_ += '.';
      out_ += c;
      at_start_ = c == '\n';
    }
    return out_;
  }

private:
  std::string out_;
  bool at_start_ = true;
};

class Dialogue {
public:
  Dialogue(int socket, const LmtpServer& server, const LocalEnvelope& envelope, Letter& letter)
      : socket_(socket),
        server_(server),
        envelope_(envelope),
        letter_(letter) {}

  Verdict run() {
    struct utsname system{};
    ::uname(&system);
    const std::string name = system.nodename[0] != '\0' ? system.nodename : "localhost";
    Result<Reply> reply = read_reply(server_.command_ms);
    if (reply && reply->positive()) reply = command("LHLO " + name);
    if (reply && reply->positive() && needs_utf8() && !offers("SMTPUTF8"))
      return {EX_NOUSER, "553 5.6.7 the server takes no address with other than ASCII characters"};
    if (reply && reply->positive())
      reply = command("MAIL FROM:<" + envelope_.sender.text() + ">" + parameters());
    if (reply && reply->positive()) reply = command("RCPT TO:<" + envelope_.recipient.text() + ">");
    if (reply && reply->positive()) reply = command("DATA");
    if (!reply) return again(reply.error());
    if (!reply->intermediate())
      return reply->positive() ? again("the server took DATA for done") : verdict(*reply);
    const Result<> sent = send_message();
    if (!sent) return again(sent.error());
    reply = read_reply(server_.final_ms);
    if (!reply) return again(reply.error());
    const Verdict said = verdict(*reply);
    static_cast<void>(write("QUIT\r\n")); // the outcome is known
    return said;
  }

private:
  [[nodiscard]] bool needs_utf8() const {
    return !envelope_.sender.ascii() || !envelope_.recipient.ascii();
  }
  [[nodiscard]] bool offers(std::string_view keyword) const {
    std::string_view rest = greeting_;
    while (!rest.empty())
      if (equal_ignoring_case(cut(rest, '\n'), keyword)) return true;
    return false;
  }
  [[nodiscard]] std::string parameters() const {
    std::string text = offers("8BITMIME") ? " BODY=8BITMIME" : "";
    if (needs_utf8()) text += " SMTPUTF8";
    return text;
  }

  // What is no final "yes" and no 354: a 2xx or 3xx in the wrong place is the server's fault.
  static Verdict verdict(const Reply& reply) {
    const std::string text = std::to_string(reply.code) + " " + reply.text;
    if (reply.positive()) return {EX_OK, text};
    if (reply.permanent()) return {EX_UNAVAILABLE, text};
    if (reply.transient()) return {EX_TEMPFAIL, text};
    return again("the server answered out of turn: " + text);
  }

  Result<> write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(n));
        continue;
      }
      if (n < 0 && errno != EAGAIN && errno != EINTR) return fail_errno("write to the server");
      const Result<> room = wait_for(socket_, POLLOUT, server_.command_ms);
      if (!room) return room;
    }
    return {};
  }

  Result<Reply> command(const std::string& line) {
    const Result<> sent = write(line + "\r\n");
    if (!sent) return std::unexpected(sent.error());
    Result<Reply> reply = read_reply(server_.command_ms);
    if (reply && line.starts_with("LHLO")) greeting_ = reply->text;
    return reply;
  }

  Result<Reply> read_reply(BootMs ms) {
    const BootMs until = clock_.boot_ms() + ms;
    ReplyParser parser;
    for (;;) {
      const std::size_t end = received_.find('\n');
      if (end != std::string::npos) {
        std::string line = received_.substr(0, end);
        received_.erase(0, end + 1);
        if (line.ends_with('\r')) line.pop_back();
        Result<std::optional<Reply>> reply = parser.line(line);
        if (!reply) return std::unexpected(reply.error());
        if (*reply) return std::move(**reply);
        continue;
      }
      if (received_.size() > ReplyParser::kMaxLine) return fail("a line without an end");
      const Result<> ready =
          wait_for(socket_, POLLIN, std::max<BootMs>(1, until - clock_.boot_ms()));
      if (!ready) return std::unexpected(ready.error());
      char bytes[4096];
      const ssize_t n = ::recv(socket_, bytes, sizeof bytes, 0);
      if (n == 0) return fail("the server has closed the connection");
      if (n < 0 && errno != EAGAIN && errno != EINTR) return fail_errno("read from the server");
      if (n > 0) received_.append(bytes, static_cast<std::size_t>(n));
    }
  }

  // Should it not come whole, the connection breaks before the dot: nothing was delivered.
  Result<> send_message() {
    Dots dots;
    for (;;) {
      const Result<std::string_view> piece = letter_.next();
      if (!piece) return std::unexpected(piece.error());
      if (piece->empty()) return write(".\r\n");
      const Result<> sent = write(dots.take(*piece));
      if (!sent) return sent;
    }
  }

  int socket_;
  const LmtpServer& server_;
  const LocalEnvelope& envelope_;
  Letter& letter_;
  RealClock clock_;
  std::string received_;
  std::string greeting_; // the reply to LHLO
};

} // namespace

Verdict deliver_to_lmtp(const LmtpServer& server, const LocalEnvelope& envelope, Letter& letter) {
  if (server.port == 0) {
    confine({.may = May::local}, EX_TEMPFAIL);
  } else {
    confine({.may = May::network, .connect = {server.port}}, EX_TEMPFAIL);
  }
  const Result<Fd> socket = connect_to(server);
  if (!socket) return again(socket.error());
  return speak_lmtp(socket->get(), server, envelope, letter);
}

Verdict speak_lmtp(int socket, const LmtpServer& server, const LocalEnvelope& envelope,
                   Letter& letter) {
  const int flags = ::fcntl(socket, F_GETFL);
  ::fcntl(socket, F_SETFL, flags | O_NONBLOCK);
  return Dialogue(socket, server, envelope, letter).run();
}

} // namespace waypost::local
