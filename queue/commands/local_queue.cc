#include "queue/commands/local_queue.h"

#include <array>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include "lib/sys/privilege.h"
#include "queue/commands/spool_answers.h"

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
  std::array<gid_t, 64> groups{};
  int count = groups.size();
  if (::getgrouplist(entry->pw_name, entry->pw_gid, groups.data(), &count) < 0)
    return fail("the owner of " + home.spool + "/new is in more than 64 groups");
  return become({entry->pw_uid, entry->pw_gid, {groups.begin(), groups.begin() + count}});
}

Result<Ending> ask_spool(Fs& fs, const Clock& clock, const std::string& spool,
                         const Record& request, const OnAnswer& on_answer) {
  const Result<SpoolDirs> dirs = SpoolDirs::open(fs, spool);
  if (!dirs) return std::unexpected(dirs.error());
  SpoolAnswers answers(fs, clock, *dirs, on_answer);
  const std::string_view command = request.get("command");
  if (command == "list") return answers.list(request);
  if (command == "why") return answers.why(request);
  if (command == "show") return answers.show(request);
  if (command == "status") return answers.status();
  return fail("only a running queue manager can do this");
}

} // namespace waypost::queue
