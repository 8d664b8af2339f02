// load: starts a command COUNT times, PARALLEL at a time, each with MESSAGE on fd 0, and says how
// long it took.
//
//   load COUNT PARALLEL HOPS MESSAGE COMMAND [ARGUMENT...]
//
// A '%' in an argument becomes the number of the run modulo HOPS. Prints one line of numbers:
// begin and end (CLOCK_MONOTONIC, ns), this program's own CPU time (us), to be taken off what its
// cgroup used, and how many commands failed. It is static, so that it runs inside the private root
// of the peers as well.

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <spawn.h>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

struct Load {
  long count;
  long parallel;
  long hops;
  const char* message;
  std::vector<std::string> command;
};

long long monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

long long own_cpu_us() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1'000'000LL + used.ru_utime.tv_usec +
         used.ru_stime.tv_usec;
}

bool start_one(const Load& load, long number, const posix_spawn_file_actions_t& actions) {
  std::vector<std::string> words = load.command;
  std::vector<char*> arguments;
  for (std::string& word : words) {
    const auto at = word.find('%');
    if (at != std::string::npos) word.replace(at, 1, std::to_string(number % load.hops));
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  pid_t child = 0;
  return posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ) == 0;
}

// The number of commands that did not exit 0; -1 when one could not be started.
long run_all(const Load& load, const posix_spawn_file_actions_t& actions) {
  long failed = 0;
  long started = 0;
  long living = 0;
  while (started < load.count || living > 0) {
    if (started < load.count && living < load.parallel) {
      if (!start_one(load, started, actions)) return -1;
      ++started;
      ++living;
      continue;
    }
    int status = 0;
    if (wait(&status) < 0) return -1;
    if (status != 0) ++failed;
    --living;
  }
  return failed;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    std::fputs("usage: load COUNT PARALLEL HOPS MESSAGE COMMAND [ARGUMENT...]\n", stderr);
    return 100;
  }
  const Load load{
      std::atol(argv[1]), std::atol(argv[2]), std::atol(argv[3]), argv[4], {argv + 5, argv + argc}};
  if (load.count < 1 || load.parallel < 1 || load.hops < 1) return 100;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, load.message, O_RDONLY, 0);

  const long long begin = monotonic_ns();
  const long failed = run_all(load, actions);
  const long long end = monotonic_ns();
  posix_spawn_file_actions_destroy(&actions);
  if (failed < 0) {
    std::perror("load: start");
    return 111;
  }
  std::printf("%lld %lld %lld %ld\n", begin, end, own_cpu_us(), failed);
  return 0;
}
