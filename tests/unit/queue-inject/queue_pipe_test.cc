// What becomes of a message on its way, whole or not, and who takes it.
#include "queue/inject/queue_pipe.h"

#include <criterion/criterion.h>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace waypost::queue;

namespace {

// A program in waypost-queue's place, in a folder that goes with it.
class Stand {
public:
  explicit Stand(const std::string& commands, mode_t mode = 0700) {
    cr_assert(::mkdtemp(folder_) != nullptr);
    std::ofstream(program()) << "#!/bin/sh\n" << commands << " >" << folder_ << "/envelope\n";
    cr_assert(::chmod(program().c_str(), mode) == 0);
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

  // Hands over a message of so many bytes, by becoming the program where that is possible. Returns
  // the program's exit status; 100 more when it was a child.
  [[nodiscard]] int hand_over(std::size_t size) const {
    const pid_t sender = ::fork();
    if (sender == 0) {
      auto pipe = QueuePipe::fill(program());
      if (!pipe) ::_exit(90);
      pipe->message(std::string(size, 'x'));
      pipe->end_message();
      pipe->envelope("Fa@b.test");
      pipe->become("a speaker");
      const auto ended = pipe->finish();
      ::_exit(ended ? 100 + *ended : 90);
    }
    int status = 0;
    cr_assert(::waitpid(sender, &status, 0) == sender && WIFEXITED(status));
    return WEXITSTATUS(status);
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
  cr_expect(pipe->finish() == 0);
  cr_expect(stand.envelope().empty(), "%s", stand.envelope().c_str());
}

Test(queue_pipe, a_whole_message_gets_its_envelope) {
  const Stand stand("cat <&0 >/dev/null; cat <&1");
  auto pipe = QueuePipe::start(stand.program());
  cr_assert(pipe.has_value());
  pipe->message(std::string(1 << 20, 'x'));
  pipe->end_message();
  pipe->envelope("Fa@b.test");
  cr_expect(pipe->finish() == 0);
  cr_expect(stand.envelope() == "Fa@b.test");
}

namespace {

// Tells what it is given: its arguments, the size of the message, the envelope.
constexpr const char* kTeller = "{ echo \"$# $1 $2\"; wc -c; cat <&4; exit 7; } 4<&1";

} // namespace

Test(queue_pipe, a_message_that_fits_the_pipes_makes_its_sender_waypost_queue) {
  const Stand stand(kTeller, 02700);
  cr_expect_eq(stand.hand_over(1000), 7);
  cr_expect(stand.envelope() == "2 --for a speaker\n1000\nFa@b.test", "%s",
            stand.envelope().c_str());
}

Test(queue_pipe, a_larger_message_starts_a_child_that_gets_all_of_it) {
  const Stand stand(kTeller, 02700);
  cr_expect_eq(stand.hand_over(1 << 20), 107);
  cr_expect(stand.envelope() == "0  \n1048576\nFa@b.test", "%s", stand.envelope().c_str());
}

Test(queue_pipe, a_larger_envelope_starts_a_child_too) {
  const Stand stand("{ wc -c <&4; } 4<&1", 02700);
  auto pipe = QueuePipe::fill(stand.program());
  cr_assert(pipe.has_value());
  pipe->message("a message");
  pipe->end_message();
  pipe->envelope(std::string(1 << 20, 'T'));
  pipe->become("a speaker"); // or this test would end here
  cr_expect(pipe->finish() == 0);
  cr_expect(stand.envelope() == "1048576\n", "%s", stand.envelope().c_str());
}

// It has qmail-queue's exit statuses, and knows of no speaker.
Test(queue_pipe, another_program_in_its_place_is_not_become) {
  const Stand stand(kTeller);
  cr_expect_eq(stand.hand_over(1000), 107);
  cr_expect(stand.envelope() == "0  \n1000\nFa@b.test", "%s", stand.envelope().c_str());
}

Test(queue_pipe, given_up_leaves_the_reader_without_an_envelope) {
  const Stand stand("{ cat <&4; echo end; } 4<&1");
  auto pipe = QueuePipe::start(stand.program());
  cr_assert(pipe.has_value());
  pipe->message("a message");
  pipe->abandon(); // and has waited for the reader
  cr_expect(stand.envelope() == "end\n", "%s", stand.envelope().c_str());
}

Test(queue_pipe, what_cannot_be_executed_is_an_error_that_names_it) {
  const Stand stand("true", 02000); // set-group-id, and nobody may execute it
  auto pipe = QueuePipe::fill(stand.program());
  cr_assert(pipe.has_value());
  pipe->end_message();
  pipe->become("a speaker");
  const auto ended = pipe->finish();
  cr_assert(!ended.has_value());
  cr_expect(ended.error().text.find(stand.program()) != std::string::npos, "%s",
            ended.error().text.c_str());
}
