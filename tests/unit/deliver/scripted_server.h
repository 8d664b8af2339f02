// ScriptedServer: a mail server on loopback that says and hears exactly what a test wrote down.
//
// Connections are served one after another, each by its own script, in a thread of the server's;
// a connection without a script is closed at once. A script that waits for what never comes gives
// up after 5 s, so that a failing test ends.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "lib/sys/fd.h"
#include "tests/unit/deliver/tls_server.h"

namespace waypost::test {

// The server's side of one connection.
class Script {
public:
  explicit Script(int fd);
  ~Script();
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  void say(std::string_view text);           // as it is
  std::string hear();                        // one line without its CRLF; "(closed)" at the end
  std::string hear_bytes(std::size_t count); // fewer at the end
  std::string hear_message();                // up to and without the final dot, as it came
  // Reads on until the sender closes; true when a final dot came.
  bool hear_rest();
  // Hears a line and says a reply; returns the line.
  std::string answer(std::string_view reply);
  void greet(std::string_view ehlo = "250-test\r\n250 PIPELINING\r\n"); // banner and EHLO
  void start_tls(); // from now on through TLS, with a certificate signed by itself for "test"
  const TlsEnd& start_tls(const TlsServer& server);
  void reset(); // closes with RST
  void wait(std::uint64_t ms);
  [[nodiscard]] const std::vector<std::string>& heard() const { return heard_; }

private:
  bool fill();
  int fd_;
  std::string buffer_;
  std::vector<std::string> heard_;
  std::unique_ptr<TlsEnd> tls_;
};

// MAIL, RCPT by RCPT, DATA, the message, its reply. Returns the message as it came.
std::string take_mail(Script& peer, int recipients = 1, std::string_view verdict = "250 ok\r\n");

class ScriptedServer {
public:
  using Play = std::function<void(Script&)>;

  explicit ScriptedServer(std::vector<Play> plays, const char* address = "127.0.0.1");
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Waits until all connections so far have ended; then all lines that were heard, "-" between two.
  std::vector<std::string> heard();
  [[nodiscard]] std::size_t connections();

private:
  void serve();

  std::vector<Play> plays_;
  Fd listener_;
  std::uint16_t port_ = 0;
  std::mutex lock_;
  std::vector<std::string> heard_;
  std::size_t connections_ = 0;
  std::thread thread_;
};

} // namespace waypost::test
