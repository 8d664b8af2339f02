#include "queue/commands/local_queue.h"

#include <pwd.h>
#include <sys/stat.h>

#include "lib/sys/privilege.h"
#include "queue/commands/ask.h"
#include "queue/commands/spool_answers.h"
#include "queue/commands/spool_changes.h"

namespace waypost::queue {

bool may_read_spool(const Home& home) {
  struct stat st{};
  if (home.personal || ::geteuid() == 0) return true;
  return ::stat((home.spool + "/new").c_str(), &st) == 0 && st.st_uid == ::geteuid();
}

Result<> become_spool_owner(const Home& home) {
  if (home.personal || ::geteuid() != 0) return {};
  struct stat st{};
  if (::stat((home.spool + "/new").c_str(), &st) < 0) return fail_errno(home.spool + "/new");
  const passwd* entry = ::getpwuid(st.st_uid);
  if (entry == nullptr) return fail("the owner of " + home.spool + "/new has no name");
  // Messages belong to their users and to the group of new/: as waypost-start, so we.
  return become({entry->pw_uid, entry->pw_gid, {st.st_gid}});
}

Result<Ending> ask_spool(Fs& fs, const Clock& clock, const Home& home, const SpoolRequest& request,
                         const OnAnswer& on_answer) {
  const Result<SpoolDirs> dirs = SpoolDirs::open(fs, home.spool);
  if (!dirs) return std::unexpected(dirs.error());
  SpoolAnswers answers(fs, clock, *dirs, on_answer);
  const std::string_view command = request.record.get("command");
  if (command == "list") return answers.list(request.record);
  const Snapshot snapshot = read_snapshot(home.snapshot()).value_or(Snapshot());
  if (command == "why") return answers.why(request.record, snapshot);
  if (command == "show") return answers.show(request.record);
  if (command == "status") return answers.status(snapshot);
  if (command == "transports") return answers.transports(snapshot);
  if (!parse_verb(command)) return fail("only a running queue manager can do this");
  Result<ChangeRequest> change = change_request(request.record, snapshot);
  if (!change) return Ending{kPermanent, change.error().text};
  change->change.by = "uid " + std::to_string(request.by);
  return SpoolChanges(fs, clock, *dirs, answers, on_answer).apply(*change, request.interrupt);
}

} // namespace waypost::queue
