// waypost-queue: puts one message into the queue. waypost-queue(8).
//
// Privilege: set-group-id waydrop where installed, which may create names in spool/new and nothing
// else. The caller is hostile: descriptors, limits, signals, umask and environment are its choice.
// With WAYPOST_HOME the group is given up for good before anything else is looked at. What a
// mistake of ours could give away is the group; so it can change no file but those of the spool.
// Where it has no such group, it has nothing, and hands the message to waypost-accept.
//
// "--for NAME": sendmail has become this program, with a message that lies in the pipes. Then a
// refusal is told as sendmail tells it, in that name and by sysexits(3).

#include <array>
#include <csignal>
#include <cstdlib>
#include <initializer_list>
#include <new>
#include <string>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/mail/handover.h"
#include "lib/sys/confine.h"
#include "lib/sys/home.h"
#include "lib/sys/privilege.h"
#include "lib/sys/text.h"
#include "queue/accept/handover_client.h"
#include "queue/accept/request_of.h"

namespace {

using waypost::queue::QueueExit;
using waypost::queue::Refusal;

// A caller that neither writes nor closes would hold memory and a file for ever. qmail's limit.
constexpr unsigned kPatienceSeconds = 86'400;

// Whom the caller believes to have called; nullptr: waypost-queue.
const char* speaker = nullptr;

// One line, in one call, so that it stands whole beside those of others.
void tell(std::initializer_list<std::string_view> parts) {
  std::array<iovec, 4> line{};
  std::size_t used = 0;
  for (const std::string_view part : parts)
    line[used++] = {const_cast<char*>(part.data()), part.size()};
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, nullptr); // perhaps nobody reads our standard error
  [[maybe_unused]] const ssize_t n = ::writev(STDERR_FILENO, line.data(), static_cast<int>(used));
}

int exit_status(QueueExit how) {
  const int status = static_cast<int>(how);
  return speaker == nullptr ? status : waypost::queue::sysexit_for(status);
}

// Also out of a signal, or without memory: nothing is taken from the heap.
[[noreturn]] void leave(QueueExit how) {
  if (speaker != nullptr && how != QueueExit::accepted)
    tell({speaker, ": the message was not accepted: ",
          waypost::queue::explain_queue_exit(static_cast<int>(how)), "\n"});
  ::_exit(exit_status(how)); // nothing is buffered, and no destructor matters any more
}

[[noreturn]] void refuse(QueueExit how, std::string_view why) {
  tell({"waypost-queue: ", waypost::printable(why), "\n"});
  leave(how);
}

// The file has no name until it is whole, so leaving at any moment leaves nothing behind.
extern "C" void on_alarm(int) {
  leave(QueueExit::timeout);
}

void settle_signals() {
  struct sigaction on_time{};
  on_time.sa_handler = on_alarm;
  ::sigaction(SIGALRM, &on_time, nullptr);
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGXFSZ, &ignore, nullptr); // a file size limit is a write error, not a death
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::alarm(kPatienceSeconds);
}

std::expected<void, Refusal> accept(const waypost::Home& home) {
  waypost::confine(
      {.read = waypost::queue::read_for_accept(home), .write = {home.spool}, .brief = true},
      exit_status(QueueExit::internal));
  const auto request = waypost::queue::request_of(home, waypost::caller_uid());
  if (!request) return std::unexpected(Refusal{QueueExit::internal, request.error().text});
  waypost::queue::DescriptorIntake intake(STDIN_FILENO, STDOUT_FILENO);
  waypost::RealFs fs;
  const auto accepted = waypost::queue::accept_message(fs, *request, intake);
  if (!accepted) return std::unexpected(accepted.error());
  return {};
}

// The group is not ours: whoever called us may gain no rights, or the spool is elsewhere.
std::expected<void, Refusal> hand_over(const waypost::Home& home) {
  const std::string why = waypost::fail_errno(home.spool + "/new").error().text;
  // Not brief: to send and to receive over a socket is none of what all brief programs may do.
  waypost::confine({.may = waypost::May::local}, exit_status(QueueExit::internal));
  auto handed = waypost::queue::hand_over({waypost::handover_socket(home)});
  if (!handed && handed.error().exit == QueueExit::not_connected) {
    handed.error().text = "neither can the queue be written (" + why +
                          ") nor waypost-accept be reached (" + handed.error().text +
                          "): is waypost-start running?";
  }
  return handed;
}

} // namespace

int main(int count, char** values) {
  if (count == 3 && std::string_view(values[1]) == "--for") speaker = values[2];
  std::set_new_handler([] { leave(QueueExit::out_of_memory); });
  const waypost::Home home = waypost::find_home();
  if (home.personal && waypost::started_set_id() && !waypost::give_up_group())
    leave(QueueExit::internal);
  const auto fds = waypost::open_standard_fds();
  if (!fds || !waypost::forbid_inspection()) leave(QueueExit::internal);
  if (!fds->in || !fds->out) refuse(QueueExit::read_error, "descriptor 0 or 1 is closed");
  ::umask(0);
  settle_signals();
  const auto done = waypost::queue::may_drop(home.spool) ? accept(home) : hand_over(home);
  if (!done) refuse(done.error().exit, done.error().text);
  leave(QueueExit::accepted);
}
