#include "lib/sys/privilege.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace waypost {

bool started_set_id() {
  return ::getauxval(AT_SECURE) != 0;
}

uid_t caller_uid() {
  return static_cast<uid_t>(::getauxval(AT_UID));
}

Result<> forbid_inspection() {
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return fail_errno("prctl PR_SET_DUMPABLE");
  return {};
}

bool inspection_forbidden() {
  return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
}

Result<StandardFds> open_standard_fds() {
  // One call says of all three whether they are open.
  pollfd three[3] = {{0, 0, 0}, {1, 0, 0}, {2, 0, 0}};
  if (::poll(three, 3, 0) < 0) return fail_errno("poll");
  const StandardFds fds{(three[0].revents & POLLNVAL) == 0, (three[1].revents & POLLNVAL) == 0,
                        (three[2].revents & POLLNVAL) == 0};
  if (fds.in && fds.out && fds.err) return fds;
  int fd = 0;
  while (fd >= 0 && fd <= STDERR_FILENO)
    fd = ::open("/dev/null", O_RDWR);
  if (fd < 0) return fail_errno("open /dev/null");
  ::close(fd);
  return fds;
}

Result<> give_up_group() {
  const gid_t real = ::getgid();
  if (::setresgid(real, real, real) != 0) return fail_errno("setresgid");
  return {};
}

Result<> forbid_new_privileges() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("prctl PR_SET_NO_NEW_PRIVS");
  return {};
}

Result<> become(const Identity& identity) {
  if (::setgroups(identity.groups.size(), identity.groups.data()) != 0)
    return fail_errno("setgroups");
  if (::setresgid(identity.gid, identity.gid, identity.gid) != 0) return fail_errno("setresgid");
  if (::setresuid(identity.uid, identity.uid, identity.uid) != 0) return fail_errno("setresuid");
  // The way back must be closed: a failure here means that the kernel is not what we think it is.
  if (identity.uid != 0 && ::setuid(0) == 0) return fail("privileges were not given up");
  return {};
}

} // namespace waypost
