#include "deliver/template.h"

#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "deliver/confinement.h"
#include "deliver/own_addresses.h"
#include "deliver/sender.h"
#include "deliver/worker.h"
#include "lib/sys/clock.h"
#include "lib/sys/log.h"

namespace waypost::deliver {
namespace {

std::int64_t now_ms() {
  return RealClock().boot_ms();
}

std::string word_of(const net::TlsTrust& trust) {
  std::string word = trust.verify ? "verify" : "encrypt";
  word += '\n' + trust.ca + '\n' + trust.client_cert + '\n' + trust.client_key;
  for (const std::string& pin : trust.pins)
    word += '\n' + pin;
  return word;
}

// Everything but the one descriptor and the log is closed: a sender has no name for anything else.
int keep_only(Fd kept) {
  const int from = kept.release();
  ::dup2(from, STDIN_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  ::close_range(3, ~0U, 0);
  return STDIN_FILENO;
}

void log_not_confined(const Error& error) {
  Log("not_confined").add("error", error.text).error();
}

struct Fork {
  Start start;
  Fd channel;
  std::unique_ptr<net::TlsContext> tls;
};

[[noreturn]] void become_sender(Fork self, const PreparedConfinement& confinement) {
  const char* const title = to_exchangers(self.start.transport) ? "waypost-direct" : "waypost-smtp";
  ::prctl(PR_SET_NAME, title);
  set_log_program(title);
  const Result<> confined = confinement.put_on();
  if (!confined) {
    log_not_confined(confined.error());
    ::_exit(111);
  }
  Fd kept(keep_only(std::move(self.channel)));
  net::Loop loop;
  const Sender sender(loop, std::move(self.start), std::move(kept), std::move(self.tls));
  loop.run();
  ::_exit(0); // no farewells: deliver has closed the channel
}

} // namespace

Template::Template(Fd starts, int lifeline, Promises held)
    : starts_(std::move(starts)),
      lifeline_(lifeline),
      confinements_(std::move(held)),
      frames_(kMaxStartFrame) {
  ::signal(SIGCHLD, SIG_IGN); // children are not waited for: their channel tells when they end
  ::signal(SIGPIPE, SIG_IGN);
}

Result<> Template::run() {
  for (;;) {
    pollfd watched[2] = {{starts_.get(), POLLIN, 0}, {lifeline_, POLLIN, 0}};
    const int ready = ::poll(watched, 2, next_timeout());
    if (ready < 0 && errno != EINTR) return fail_errno("poll");
    end_unused();
    if (ready <= 0) continue;
    if (watched[1].revents != 0) return {};
    if (watched[0].revents == 0) continue;
    const Result<bool> open = read_starts();
    if (!open) return std::unexpected(open.error());
    if (!*open) return {};
  }
}

Result<bool> Template::read_starts() {
  const Result<bool> open = frames_.read_from(starts_.get(), true);
  if (!open || !*open) return open;
  for (;;) {
    Result<std::optional<Frame>> frame = frames_.next();
    if (!frame) return std::unexpected(frame.error());
    if (!*frame) return true;
    if ((*frame)->descriptor) channel_ = std::move((*frame)->descriptor);
    Result<std::optional<Start>> start = reader_.take((*frame)->record);
    if (!start) return std::unexpected(start.error());
    if (!*start) continue;
    if (!channel_) return fail("start: no descriptor");
    const bool here = !(*start)->prepared || tls_;
    if (here) {
      fork_sender(std::move(**start), std::move(channel_));
    } else {
      pass_on(**start, std::move(channel_));
    }
  }
}

// Without a child the channel closes, and deliver's jobs come back to it.
void Template::fork_sender(Start start, Fd channel) {
  const Result<const PreparedConfinement*> confinement =
      confinements_.of(promises_of_sender(start, tls_ != nullptr));
  if (!confinement) return log_not_confined(confinement.error());
  const pid_t child = ::fork();
  if (child == 0)
    become_sender({std::move(start), std::move(channel), std::move(tls_)}, **confinement);
  if (child < 0) Log("fork_failed").add("errno", errno).error();
}

void Template::pass_on(const Start& start, Fd channel) {
  Prepared& to = prepared_for(trust_of(start.transport));
  to.used_ms = now_ms();
  OutgoingFrames frames;
  for (Record& record : to_records(start)) {
    Fd beside = std::exchange(channel, Fd()); // with the first
    if (beside) record.add("fd", "1");
    frames.push(record, {}, std::move(beside));
  }
  const Result<bool> sent = frames.write_to(to.starts.get(), true);
  if (sent && *sent) return;
  Log("template_lost").add("error", sent ? "blocked" : sent.error().text).error();
  prepared_.erase(word_of(trust_of(start.transport))); // the next start makes a new one
}

Template::Prepared& Template::prepared_for(const net::TlsTrust& trust) {
  Prepared& one = prepared_[word_of(trust)];
  if (one.starts) return one;
  int pair[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return one;
  Fd ours(pair[0]);
  Fd theirs(pair[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    ours.reset();
    become_prepared(std::move(theirs), trust);
  }
  if (child > 0) one.starts = std::move(ours);
  return one;
}

void Template::become_prepared(Fd starts, const net::TlsTrust& trust) {
  ::prctl(PR_SET_NAME, "waypost-tls");
  set_log_program("waypost-tls");
  prepared_.clear();
  const Promises promises = promises_of_template(trust);
  Fd only(keep_only(std::move(starts)));
  confine(promises);
  Template second(std::move(only), -1, promises);
  Result<std::unique_ptr<net::TlsContext>> tls = net::open_tls(trust);
  if (!tls) {
    // Each sender will say so itself, as the outcome of its jobs.
    Log("tls_not_ready").add("error", tls.error().text).error();
    ::_exit(111);
  }
  second.tls_ = std::move(*tls);
  const Result<> ended = second.run();
  ::_exit(ended ? 0 : 111);
}

int Template::next_timeout() const {
  std::int64_t least = -1;
  for (const auto& [word, one] : prepared_) {
    const std::int64_t left = std::max<std::int64_t>(one.used_ms + kKeepTlsMs - now_ms(), 0);
    if (least < 0 || left < least) least = left;
  }
  return static_cast<int>(least);
}

// Closing its socket ends a second template, after it has served what was sent before.
void Template::end_unused() {
  const std::int64_t now = now_ms();
  std::erase_if(prepared_, [&](const auto& one) { return now - one.second.used_ms >= kKeepTlsMs; });
}

} // namespace waypost::deliver
