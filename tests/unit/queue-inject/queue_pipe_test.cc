// What becomes of an envelope whose message could not be written.
#include "queue/inject/queue_pipe.h"

#include <criterion/criterion.h>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>

using namespace waypost::queue;

namespace {

// A program in waypost-queue's place, in a folder that goes with it.
class Stand {
public:
  explicit Stand(const std::string& commands) {
    cr_assert(::mkdtemp(folder_) != nullptr);
    std::ofstream(program()) << "#!/bin/sh\n" << commands << " >" << folder_ << "/envelope\n";
    cr_assert(::chmod(program().c_str(), 0700) == 0);
    ::signal(SIGPIPE, SIG_IGN); // as sendmail does
  }
  ~Stand() { std::filesystem::remove_all(folder_); }
  Stand(const Stand&) = delete;
  Stand& operator=(const Stand&) = delete;

  [[nodiscard]] std::string program() const { return std::string(folder_) + "/queue"; }
  [[nodiscard]] std::string envelope() const {
    std::ifstream file(std::string(folder_) + "/envelope");
    return {std::istreambuf_iterator<char>(file), {}};
  }

private:
  char folder_[32] = "/tmp/queue_pipe_test.XXXXXX";
};

} // namespace

Test(queue_pipe, a_message_that_could_not_be_written_gets_no_envelope) {
  const Stand stand("exec 0<&-; cat <&1"); // takes nothing of the message, and all of the envelope
  auto pipe = QueuePipe::start(stand.program());
  cr_assert(pipe.has_value());
  pipe->message(std::string(1 << 20, 'x')); // more than a pipe holds
  pipe->end_message();
  pipe->envelope("Fa@b.test");
  cr_expect_eq(pipe->finish(), 0);
  cr_expect(stand.envelope().empty(), "%s", stand.envelope().c_str());
}

Test(queue_pipe, a_whole_message_gets_its_envelope) {
  const Stand stand("cat <&0 >/dev/null; cat <&1");
  auto pipe = QueuePipe::start(stand.program());
  cr_assert(pipe.has_value());
  pipe->message(std::string(1 << 20, 'x'));
  pipe->end_message();
  pipe->envelope("Fa@b.test");
  cr_expect_eq(pipe->finish(), 0);
  cr_expect(stand.envelope() == "Fa@b.test");
}
