// waypost-socks: runs a program with a connection through a SOCKS5 proxy; waypost-socks(1).
//
// Privilege: none; runs as the caller. It reads one login, from a descriptor or the environment,
// talks to one proxy, and becomes the program that it was given.

#include <csignal>
#include <unistd.h>

#include "lib/sys/text.h"
#include "socks/login_source.h"
#include "socks/reach.h"
#include "socks/ucspi.h"

namespace {

constexpr int kPermanent = 100;
constexpr int kTemporary = 111;

int complain(const std::string& what, int status) {
  const std::string line = "waypost-socks: " + waypost::printable(what) + "\n";
  [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, line.data(), line.size());
  return status;
}

// What knows no deadline of its own: reading the login, and the system's resolver.
void out_of_time(int) {
  constexpr std::string_view line =
      "waypost-socks: timed out: no login was read to its end, or the proxy's name not looked up\n";
  [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, line.data(), line.size());
  ::_exit(kTemporary);
}

} // namespace

int main(int count, char** values) {
  using namespace waypost::socks;
  const waypost::Result<Arguments> arguments = parse_arguments(count, values);
  if (!arguments) {
    return complain(arguments.error().text + "; usage: waypost-socks [-46] [-T SECONDS] [-l FD] "
                                             "PROXY:PORT HOST PORT PROGRAM [ARGUMENT ...]",
                    kPermanent);
  }
  // A moment after everything else, which has more to say.
  const auto before = ::signal(SIGALRM, out_of_time);
  ::alarm(arguments->timeout_s + 1);
  waypost::Result<std::optional<Login>> login = find_login(arguments->login_fd);
  if (!login) return complain(login.error().text, kPermanent);
  std::expected<Reached, Failure> reached = reach(*arguments, std::move(*login));
  if (!reached) {
    const Endpoint& to = arguments->destination;
    return complain(to.host + " " + std::to_string(to.port) + " by " + arguments->proxy + ":" +
                        arguments->proxy_port + ": " + reached.error().text,
                    reached.error().permanent ? kPermanent : kTemporary);
  }
  ::alarm(0);
  ::signal(SIGALRM, before);
  const Variables variables =
      variables_of(arguments->destination, reached->bound, local_end(reached->connection.get()));
  return complain(
      become_program(std::move(reached->connection), variables, arguments->program).text,
      kTemporary);
}
