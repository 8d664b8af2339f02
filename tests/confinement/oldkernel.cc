// oldkernel: runs a program, and all that it starts, as on a kernel without seccomp and Landlock.
//
//   oldkernel COMMAND...
//
// Their system calls are answered ENOSYS. As root, and without no_new_privs, so that set-id bits
// have their effect.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <unistd.h>

int main(int argc, char** argv) {
  sock_filter steps[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 3, 0),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SYS_landlock_create_ruleset, 0, 1),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, SYS_landlock_restrict_self, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
  };
  const sock_fprog program = {sizeof steps / sizeof steps[0], steps};
  if (argc < 2 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    std::perror("oldkernel: as root, with a COMMAND");
    return 111;
  }
  execvp(argv[1], argv + 1);
  std::perror(argv[1]);
  return 111;
}
