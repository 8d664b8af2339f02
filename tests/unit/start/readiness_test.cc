#include <criterion/criterion.h>

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/socket.h>
#include <sys/un.h>

#include "start/readiness.h"

using namespace waypost;
using namespace waypost::start;

namespace {

// systemd's end: a datagram socket at `name`, '@' standing for NUL.
Fd listen_for_news(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, sizeof address.sun_path - 1);
  if (name.front() == '@') address.sun_path[0] = '\0';
  Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  cr_assert(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), length) == 0, "%s",
            name.c_str());
  return fd;
}

std::string read_now(const Fd& fd) {
  char bytes[64];
  const ssize_t n = ::read(fd.get(), bytes, sizeof bytes);
  return {bytes, n < 0 ? 0 : static_cast<std::size_t>(n)};
}

} // namespace

Test(readiness, is_a_newline_and_the_end_of_the_descriptor) {
  int ends[2];
  cr_assert(::pipe2(ends, O_CLOEXEC) == 0);
  const Fd read(ends[0]);
  Readiness ready{Fd(ends[1])};
  cr_expect(ready.tell());
  cr_expect(read_now(read) == "\n");
  char more = 0;
  cr_expect(::read(read.get(), &more, 1) == 0, "closed, since nothing else will be said");
  ready.tell(); // of a second life: nobody is there, and nothing happens
}

Test(readiness, is_a_datagram_for_systemd_said_once) {
  char name[] = "/tmp/waypost-unit-XXXXXX";
  const std::string folder = ::mkdtemp(name);
  for (const std::string& at : {folder + "/notify", "@" + folder}) {
    const Fd systemd = listen_for_news(at);
    Result<Fd> socket = connect_notify(at);
    cr_assert(socket.has_value(), "%s", at.c_str());
    cr_expect((::fcntl(socket->get(), F_GETFD) & FD_CLOEXEC) != 0);
    Readiness ready({}, std::move(*socket));
    cr_expect(read_now(systemd).empty());
    ready.tell();
    cr_expect(read_now(systemd) == "READY=1\n", "%s", at.c_str());
    ready.tell();
    cr_expect(read_now(systemd).empty(), "told twice at %s", at.c_str());
  }
  std::filesystem::remove_all(folder);
}

Test(readiness, that_could_not_be_said_is_said_later) {
  const std::string name = "@waypost-unit-" + std::to_string(::getpid());
  const Fd systemd = listen_for_news(name);
  const Result<Fd> others = connect_notify(name);
  Result<Fd> ours = connect_notify(name);
  cr_assert(others && ours);
  int waiting = 0; // until there is no room for ours
  while (::send(others->get(), "x", 1, MSG_DONTWAIT) == 1)
    ++waiting;
  cr_assert_gt(waiting, 0);
  Readiness ready({}, std::move(*ours));
  cr_expect(not ready.tell());
  for (; waiting > 0; --waiting)
    cr_expect(read_now(systemd) == "x");
  cr_expect(ready.tell());
  cr_expect(read_now(systemd) == "READY=1\n");
  cr_expect(ready.tell(), "nobody is left to be told");
  cr_expect(read_now(systemd).empty());
}

Test(readiness, is_nothing_to_who_has_gone) {
  ::signal(SIGPIPE, SIG_IGN); // as in waypost-start
  int ends[2];
  cr_assert(::pipe2(ends, O_CLOEXEC) == 0);
  ::close(ends[0]);
  const std::string name = "@waypost-unit-gone-" + std::to_string(::getpid());
  Fd systemd = listen_for_news(name);
  Result<Fd> socket = connect_notify(name);
  cr_assert(socket.has_value());
  systemd.reset();
  Readiness ready(Fd(ends[1]), std::move(*socket));
  cr_expect(ready.tell(), "it would be tried for ever");
}

Test(readiness, of_nobody_and_to_nobody_is_no_failure) {
  cr_expect(Readiness().tell());
  const std::string too_long = "/" + std::string(200, 'x');
  for (const std::string& name : {std::string(), std::string("notify"), std::string("vsock:2:1"),
                                  too_long, std::string("/nonexistent/notify")})
    cr_expect(not connect_notify(name).has_value(), "%s", name.c_str());
}
