// The LMTP dialogue against servers that a script plays.
#include "local/lmtp.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include "tests/unit/local/letters.h"

using namespace waypost;
using namespace waypost::test;
using namespace waypost::local;

namespace {

struct Heard {
  Verdict verdict;
  std::string said; // all that the server got
};

// The server says its lines one after another, each when a line (or, behind 354, a lone dot) has
// come; then it closes.
Heard speak(const std::vector<std::string>& lines, Post& post,
            const LocalEnvelope& to = envelope()) {
  int ends[2];
  int out[2];
  cr_assert_eq(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  cr_assert_eq(::pipe(out), 0);
  const pid_t server = ::fork();
  if (server == 0) {
    ::close(ends[0]);
    std::string all;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string reply = lines[i] + "\r\n";
      if (::send(ends[1], reply.data(), reply.size(), MSG_NOSIGNAL) < 0) break;
      if (i + 1 == lines.size()) break;
      const std::string end = lines[i].starts_with("354") ? "\r\n.\r\n" : "\r\n";
      const std::size_t before = all.size();
      while (all.find(end, before) == std::string::npos) {
        char bytes[512];
        const ssize_t n = ::recv(ends[1], bytes, sizeof bytes, 0);
        if (n <= 0) break;
        all.append(bytes, static_cast<std::size_t>(n));
      }
    }
    [[maybe_unused]] const ssize_t n = ::write(out[1], all.data(), all.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  ::close(out[1]);
  const Fd socket(ends[0]);
  const LmtpServer server_at{"/run/x", 0, 5'000, 5'000, 5'000};
  Heard heard;
  heard.verdict = speak_lmtp(socket.get(), server_at, to, post.letter());
  ::shutdown(socket.get(), SHUT_RDWR); // the server may wait for more
  char bytes[4096];
  const ssize_t n = ::read(out[0], bytes, sizeof bytes);
  if (n > 0) heard.said.assign(bytes, static_cast<std::size_t>(n));
  ::close(out[0]);
  ::waitpid(server, nullptr, 0);
  return heard;
}

} // namespace

Test(lmtp, whole_dialogue_with_dots_doubled) {
  Post post("Subject: x\r\n\r\n.\r\n..two\r\nend\r\n");
  const Heard heard = speak({"220 hello", "250-here\r\n250-8BITMIME\r\n250 PIPELINING", "250 ok",
                             "250 ok", "354 go", "250 2.1.5 Saved"},
                            post);
  cr_expect_eq(heard.verdict.exit, EX_OK);
  cr_expect(heard.verdict.text == "250 2.1.5 Saved");
  cr_expect(heard.said.starts_with("LHLO "), "%s", heard.said.c_str());
  cr_expect(heard.said.find("MAIL FROM:<bob@home.test> BODY=8BITMIME\r\n"
                            "RCPT TO:<alice+x@here.test>\r\nDATA\r\n"
                            "Subject: x\r\n\r\n..\r\n...two\r\nend\r\n.\r\n") != std::string::npos,
            "%s", heard.said.c_str());
}

Test(lmtp, replies_decide_wherever_they_come) {
  struct Row {
    std::vector<std::string> lines;
    int exit;
  };
  for (const Row& row :
       {Row{{"220 x", "250 x", "250 x", "550 5.1.1 nobody"}, EX_UNAVAILABLE},
        Row{{"220 x", "250 x", "250 x", "452 4.2.2 full"}, EX_TEMPFAIL},
        Row{{"220 x", "250 x", "550 5.7.1 not you"}, EX_UNAVAILABLE},
        Row{{"421 4.3.2 later"}, EX_TEMPFAIL},
        Row{{"220 x", "250 x", "250 x", "250 x", "250 what"}, EX_TEMPFAIL},
        Row{{"220 x", "250 x", "250 x", "250 x", "354 go", "554 5.6.0 no"}, EX_UNAVAILABLE},
        Row{{"220 x", "250 x", "250 x", "250 x", "354 go", "354 again"}, EX_TEMPFAIL},
        Row{{"220 x", "250 x", "250 x", "250 x", "354 go"}, EX_TEMPFAIL},
        Row{{"garbage"}, EX_TEMPFAIL}, Row{{"220 x"}, EX_TEMPFAIL}}) {
    Post post("Subject: x\r\n\r\n");
    const Heard heard = speak(row.lines, post);
    cr_expect_eq(heard.verdict.exit, row.exit, "%s: %s", row.lines.back().c_str(),
                 heard.verdict.text.c_str());
  }
}

Test(lmtp, message_that_does_not_come_whole_gets_no_dot) {
  Post post("Subject: x\r\n\r\nhalf", 1000);
  const Heard heard = speak({"220 x", "250 x", "250 x", "250 x", "354 go", "250 taken"}, post);
  cr_expect_eq(heard.verdict.exit, EX_TEMPFAIL);
}

Test(lmtp, address_beyond_ascii_needs_a_server_that_takes_it) {
  const LocalEnvelope to = envelope("b\xc3\xbcrger@here.test");
  Post first("Subject: x\r\n\r\n");
  cr_expect_eq(speak({"220 x", "250 x"}, first, to).verdict.exit, EX_NOUSER);
  Post second("Subject: x\r\n\r\n");
  const Heard heard =
      speak({"220 x", "250-x\r\n250 SMTPUTF8", "250 x", "250 x", "354 go", "250 ok"}, second, to);
  cr_expect_eq(heard.verdict.exit, EX_OK);
  cr_expect(heard.said.find(" SMTPUTF8\r\n") != std::string::npos);
}
