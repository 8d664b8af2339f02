// Sessions of waypost-sink over a socket pair: the friendly server, and each step of a script.

#include <criterion/criterion.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/socket.h>
#include <thread>

#include "demo/session.h"

using namespace waypost;
using namespace waypost::demo;
using namespace std::string_literals;

namespace {

// A session of its own with that script; what the client sends is sent at once, what comes is kept.
class Client {
public:
  explicit Client(std::string_view text, std::string keep = "") {
    Settings settings;
    settings.label = "x";
    settings.keep = std::move(keep);
    auto script = parse_script(text);
    cr_assert(script.has_value());
    settings.script = *std::move(script);
    sink_ = std::make_unique<Sink>(std::move(settings));
    connect();
  }
  ~Client() {
    client_.reset();
    for (std::thread& one : sessions_)
      one.join();
  }

  void connect() {
    std::array<int, 2> pair{};
    cr_assert_eq(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
    client_ = Fd(pair[0]);
    timeval patience{5, 0};
    ::setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sessions_.emplace_back(
        [this, socket = Fd(pair[1])]() mutable { Session(*sink_, std::move(socket)).run(); });
  }
  void send(std::string_view bytes) {
    cr_expect_eq(::send(client_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                 static_cast<ssize_t>(bytes.size()));
  }
  // The connection, which stays open elsewhere.
  Fd set_aside() { return std::move(client_); }
  // So many bytes, or fewer when the server closed.
  std::string take(std::size_t count) {
    std::string out(count, '\0');
    const ssize_t n = ::recv(client_.get(), out.data(), count, MSG_WAITALL);
    out.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return out;
  }
  void expect(const std::string& bytes) {
    const std::string came = take(bytes.size());
    cr_expect(came == bytes, "'%s' instead of '%s'", came.c_str(), bytes.c_str());
  }
  void expect_end() { cr_expect(take(1).empty(), "the session goes on"); }
  void greet() {
    expect("220 x.demo.example ESMTP a sink\r\n");
    send("EHLO me\r\n");
    expect("250-x.demo.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n"
           "250 SIZE 10000000\r\n");
  }

private:
  std::unique_ptr<Sink> sink_;
  std::vector<std::thread> sessions_;
  Fd client_;
};

} // namespace

Test(session, takes_mail_as_any_server_does) {
  Client client("");
  client.greet();
  client.send("MAIL FROM:<a@b>\r\nDATA\r\n");
  client.expect("250 2.1.0 sender taken\r\n554 5.5.1 no valid recipients\r\n");
  client.send(
      "RCPT TO:<c@d>\r\nDATA\r\nSubject: x\r\n\r\n..dot\r\n.\n.\r\nNOOP\r\nWHAT\r\nQUIT\r\n");
  client.expect("250 2.1.5 recipient taken\r\n354 go on\r\n");
  // A dot between CR LF and a bare LF ends nothing.
  client.send(".\r\n");
  client.expect("250 2.0.0 taken\r\n");
}

Test(session, says_4xx_so_many_times) {
  Client client("at MAIL times 2\nreply 451 4.3.0 later\n");
  client.expect("220 x.demo.example ESMTP a sink\r\n");
  client.send("MAIL FROM:<a@b>\r\nMAIL FROM:<a@b>\r\nMAIL FROM:<a@b>\r\n");
  client.expect("451 4.3.0 later\r\n451 4.3.0 later\r\n250 2.1.0 sender taken\r\n");
}

Test(session, the_words_of_a_section_stand_in_the_command) {
  Client client("at RCPT bob@\nreply 550 no bob\nat RCPT\nreply 251 forwarded\n");
  client.expect("220 x.demo.example ESMTP a sink\r\n");
  client.send("RCPT TO:<al@x>\r\nrcpt to:<BOB@x>\r\nNOOP\r\n");
  client.expect("251 forwarded\r\n550 no bob\r\n250 2.0.0 fine\r\n");
}

Test(session, sends_any_bytes_in_any_pieces) {
  Client client(
      "at CONNECT\nsplit 1 every 1ms\nraw \"220 \\0\\xff\\r\\n\"\nwhole\nrepeat 3 \"x\"\n");
  client.expect("220 \0\xff\r\nxxx"s);
}

Test(session, closes_resets_and_reads) {
  Client closes("at MAIL\nreply 250 ok\nclose\n");
  closes.expect("220 x.demo.example ESMTP a sink\r\n");
  closes.send("MAIL FROM:<>\r\n");
  closes.expect("250 ok\r\n");
  closes.expect_end();
  Client reads("at CONNECT\nread 3\nreply 220 three\n");
  reads.send("abcNOOP\r\n");
  reads.expect("220 three\r\n250 2.0.0 fine\r\n");
}

Test(session, endless_goes_on_until_the_client_goes) {
  Client client("at CONNECT\nendless \"220-more\\r\\n\"\n");
  for (int i = 0; i < 10'000; ++i)
    client.expect("220-more\r\n");
}

Test(session, silence_says_nothing_and_ends_with_the_client) {
  Client client("at EHLO\nsilence\n");
  client.expect("220 x.demo.example ESMTP a sink\r\n");
  client.send("EHLO me\r\nNOOP\r\n");
}

Test(session, replies_before_the_command) {
  Client client("at MAIL\nusual\nreply 250 early\n");
  client.expect("220 x.demo.example ESMTP a sink\r\n");
  client.send("MAIL FROM:<>\r\n");
  client.expect("250 2.1.0 sender taken\r\n250 early\r\n");
}

Test(session, too_many_at_once_are_sent_away) {
  Client client("sessions 1 421 4.7.0 one is enough\n");
  client.expect("220 x.demo.example ESMTP a sink\r\n");
  {
    const Fd first = client.set_aside();
    client.connect();
    client.expect("421 4.7.0 one is enough\r\n");
    client.expect_end();
  }
}

Test(session, keeps_messages_byte_by_byte) {
  std::string folder = "/tmp/waypost-sink-test-XXXXXX";
  cr_assert_not_null(::mkdtemp(folder.data()));
  {
    Client client("", folder);
    client.expect("220 x.demo.example ESMTP a sink\r\n");
    client.send("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n\0\xff\r\n..\r\n.\r\n"s);
    client.expect("250 2.1.0 sender taken\r\n250 2.1.5 recipient taken\r\n354 go on\r\n"
                  "250 2.0.0 taken\r\n");
  }
  std::ifstream file(folder + "/x-1", std::ios::binary);
  const std::string kept{std::istreambuf_iterator<char>(file), {}};
  cr_expect(kept == "\0\xff\r\n.\r\n"s);
  std::filesystem::remove_all(folder);
}

// What ends the message, by the ends that the script allows; the rest would be commands.
Test(session, lax_ends_of_data) {
  struct Row {
    const char* ends;
    std::string end;
    bool over;
  };
  const std::vector<Row> rows = {
      {"strict", "\r\n.\r\n", true}, {"strict", "\n.\n", false}, {"strict", "\r\n.\n", false},
      {"strict", "\n.\r\n", false},  {"strict", "\r.\r", false}, {"lf", "\n.\n", true},
      {"lf", "\r\n.\n", true},       {"lf", "\n.\r\n", true},    {"lf", "\r.\r", false},
      {"any", "\r.\r", true},        {"any", "\r\n.\r", true},   {"any", "\r.\r\n", true},
      {"any", "\n.\n", true},        {"any", "\r\n.\r\n", true},
  };
  for (const Row& row : rows) {
    Client client("ends "s + row.ends + "\n");
    client.expect("220 x.demo.example ESMTP a sink\r\n");
    client.send("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
    client.expect("250 2.1.0 sender taken\r\n250 2.1.5 recipient taken\r\n354 go on\r\n");
    client.send("text" + row.end + "NOOP\r\n");
    if (!row.over) client.send(".\r\n");
    client.expect("250 2.0.0 taken\r\n");
    client.send("QUIT\r\n");
    client.expect(row.over ? "250 2.0.0 fine\r\n" : "221 2.0.0 bye\r\n");
  }
}
