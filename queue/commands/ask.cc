#include "queue/commands/ask.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sys/fs.h"
#include "lib/sys/output.h"
#include "lib/sys/text.h"
#include "queue/commands/arguments.h"
#include "queue/commands/local_queue.h"

namespace waypost::queue {

bool nobody_listens(const Error& error) {
  return error.code == ENOENT || error.code == ECONNREFUSED;
}

Promises promises_of_command(const Home& home) {
  // mailq prints local times (tzset(3)).
  return {.may = May::local | May::names | May::identity,
          .read = {home.etc, "/usr/share/zoneinfo"},
          .write = {home.spool}};
}

Result<Ending> ask_queue(const Home& home, const Record& request, const OnAnswer& on_answer,
                         Interrupt* interrupt) {
  Result<Ending> ending = ask_manager(home.control(), request, on_answer, interrupt);
  if (ending) return ending;
  if (ending.error().code == EACCES || ending.error().code == EPERM)
    return fail("no permission to talk to the queue manager: " + ending.error().text);
  if (!nobody_listens(ending.error())) return ending;
  struct stat st{};
  if (::stat(home.spool.c_str(), &st) != 0 && errno == ENOENT)
    return fail("there is no queue yet: " + home.spool + " is made by waypost start");
  if (!may_read_spool(home))
    return fail("the queue manager is not running (" + ending.error().text +
                "), and only root may touch the queue without it");
  const uid_t caller = ::getuid();
  const Result<> owner = become_spool_owner(home);
  if (!owner) return std::unexpected(owner.error());
  RealFs fs;
  return ask_spool(fs, RealClock(), home, {request, caller, interrupt}, on_answer);
}

int finish_badly(std::string_view program, std::string_view text, int status) {
  for (const std::string_view line : split(text, '\n')) {
    const std::string out = std::string(program) + ": " + printable(line) + "\n";
    std::fputs(out.c_str(), stderr);
  }
  return status;
}

int refuse_arguments(std::string_view program, const Error& error, std::string_view names) {
  if (error.code != kHelpAsked) return finish_badly(program, error.text, kPermanent);
  const std::string name(program);
  std::string page = name;
  std::ranges::replace(page, ' ', '-');
  const std::string beside = names.empty() ? "" : " " + std::string(names);
  std::printf("usage: %s [OPTION ...]%s\n%sThe manual says what they do: man %s\n", name.c_str(),
              beside.c_str(), error.text.c_str(), page.c_str());
  return output_written(program) ? 0 : kTemporary;
}

int finish(std::string_view program, const Result<Ending>& ending) {
  const bool written = output_written(program);
  if (!ending) return finish_badly(program, ending.error().text, kTemporary);
  const int status = written || ending->status != 0 ? ending->status : kTemporary;
  if (ending->text.empty()) return status;
  return finish_badly(program, ending->text, status);
}

} // namespace waypost::queue
