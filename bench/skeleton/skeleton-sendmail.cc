// skeleton-sendmail: the least that `sendmail` can be, to measure the real one against.
//
// Two pipes, one child that is the queue program, the message from fd 0 into the first, the
// envelope into the second, and the child's exit status. No header is looked at and no error is
// told apart. SKELETON_QUEUE names the queue program; the recipients are the arguments.

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr int kFailed = 111;

// vfork, as everything between it and execve is a system call: posix_spawn would map a stack first.
pid_t start_queue(const char* program, int message, int envelope) {
  std::string name = program;
  const std::array<char*, 2> arguments = {name.data(), nullptr};
  // NOLINTBEGIN(*vfork*,*Vfork*,bugprone-unsafe-functions): only system calls until the image goes
  const pid_t child = vfork();
  if (child == 0) {
    dup2(message, 0);
    dup2(envelope, 1);
    execve(program, arguments.data(), environ);
    _exit(kFailed);
  }
  // NOLINTEND(*vfork*,*Vfork*,bugprone-unsafe-functions)
  return child;
}

bool write_whole(int to, const char* bytes, std::size_t size) {
  return ::write(to, bytes, size) == static_cast<ssize_t>(size);
}

bool copy(int from, int to) {
  static std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0) return false;
    if (got == 0) return true;
    if (!write_whole(to, buffer.data(), static_cast<std::size_t>(got))) return false;
  }
}

std::string envelope_for(int count, char** recipients) {
  std::string envelope = "Fbench@example.org";
  envelope += '\0';
  for (int i = 0; i < count; ++i) {
    envelope += 'T';
    envelope += recipients[i];
    envelope += '\0';
  }
  envelope += '\0';
  return envelope;
}

} // namespace

int main(int argc, char** argv) {
  const char* program = std::getenv("SKELETON_QUEUE");
  int message[2];
  int envelope[2];
  if (program == nullptr || pipe2(message, O_CLOEXEC) < 0 || pipe2(envelope, O_CLOEXEC) < 0)
    return kFailed;
  const pid_t child = start_queue(program, message[0], envelope[0]);
  if (child < 0) return kFailed;
  ::close(message[0]);
  ::close(envelope[0]);

  if (!copy(0, message[1])) return kFailed;
  ::close(message[1]);
  const std::string fields = envelope_for(argc - 1, argv + 1);
  if (!write_whole(envelope[1], fields.data(), fields.size())) return kFailed;
  ::close(envelope[1]);

  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return kFailed;
  return WEXITSTATUS(status);
}
