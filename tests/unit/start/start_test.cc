#include <criterion/criterion.h>

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "start/descriptors.h"
#include "start/folders.h"

using namespace waypost;
using namespace waypost::start;

namespace {

class HomeFolder {
public:
  HomeFolder() {
    char name[] = "/tmp/waypost-unit-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~HomeFolder() { std::filesystem::remove_all(path_); }
  HomeFolder(const HomeFolder&) = delete;
  HomeFolder& operator=(const HomeFolder&) = delete;
  [[nodiscard]] Home home(bool personal) const {
    return {path_ + "/etc", path_ + "/spool", path_ + "/run", personal};
  }
  [[nodiscard]] struct stat status(const std::string& name) const {
    struct stat st{};
    cr_assert(::lstat((path_ + name).c_str(), &st) == 0, "%s", name.c_str());
    return st;
  }
  [[nodiscard]] mode_t mode(const std::string& name) const { return status(name).st_mode & 07777; }
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_;
};

} // namespace

Test(folders, a_personal_home_is_closed_to_others) {
  const HomeFolder folder;
  cr_assert(make_folders(folder.home(true), std::nullopt).has_value());
  for (const char* name : {"/run", "/spool", "/spool/new", "/spool/tmp", "/spool/bad", "/spool/cur",
                           "/spool/cur/00", "/spool/cur/31"})
    cr_expect(folder.mode(name) == 0700, "%s", name);
}

Test(folders, keep_what_they_hold_and_get_their_mode_back) {
  const HomeFolder folder;
  cr_assert(make_folders(folder.home(true), std::nullopt).has_value());
  std::ofstream(folder.path() + "/spool/new/x") << "kept";
  std::filesystem::permissions(folder.path() + "/spool/new", std::filesystem::perms::all);
  cr_assert(make_folders(folder.home(true), std::nullopt).has_value());
  cr_expect(folder.mode("/spool/new") == 0700);
  cr_expect(std::filesystem::exists(folder.path() + "/spool/new/x"));
}

Test(folders, installed_ones_belong_to_the_queue_and_take_from_the_drop_group) {
  if (::geteuid() != 0) cr_skip_test("skipped: not root");
  const HomeFolder folder;
  Accounts accounts;
  accounts.queue.uid = 4001;
  accounts.queue.gid = 4002;
  accounts.drop = 4003;
  cr_assert(make_folders(folder.home(false), accounts).has_value());
  for (const char* name : {"/spool/new", "/spool/tmp"}) {
    const struct stat st = folder.status(name);
    cr_expect(st.st_uid == 4001 && st.st_gid == 4003 && (st.st_mode & 07777) == 01770, "%s", name);
  }
  for (const char* name : {"/spool/cur", "/spool/cur/07", "/spool/bad"}) {
    const struct stat st = folder.status(name);
    cr_expect(st.st_uid == 4001 && (st.st_mode & 07777) == 0700, "%s", name);
  }
  cr_expect(folder.status("/run").st_uid == 0 && folder.mode("/run") == 0755);
}

Test(folders, a_symbolic_link_is_not_followed) {
  const HomeFolder folder;
  cr_assert(make_folders(folder.home(true), std::nullopt).has_value());
  std::filesystem::remove(folder.path() + "/spool/bad");
  std::filesystem::create_directory(folder.path() + "/elsewhere");
  std::filesystem::permissions(folder.path() + "/elsewhere", std::filesystem::perms::all);
  std::filesystem::create_symlink(folder.path() + "/elsewhere", folder.path() + "/spool/bad");
  cr_expect(!make_folders(folder.home(true), std::nullopt).has_value());
  cr_expect(folder.mode("/elsewhere") == 0777);
}

Test(descriptors, a_child_has_those_that_are_named_and_no_others) {
  const auto pipe = make_pipe();
  cr_assert(pipe.has_value());
  cr_expect(pipe->read.get() >= 64 && (::fcntl(pipe->read.get(), F_GETFD) & FD_CLOEXEC) != 0);
  [[maybe_unused]] const int stray = ::dup2(0, 40);
  const pid_t child = ::fork();
  if (child == 0) {
    // Ends that cross: 5 from what will be 3's neighbour, and the same source twice.
    bool right = place({{3, pipe->read.get()}, {5, pipe->write.get()}, {6, pipe->write.get()}});
    right = right && ::fcntl(0, F_GETFD) < 0 && ::fcntl(4, F_GETFD) < 0 && ::fcntl(40, F_GETFD) < 0;
    right = right && ::write(6, "x", 1) == 1;
    char byte = 0;
    right = right && ::read(3, &byte, 1) == 1 && byte == 'x' && ::fcntl(2, F_GETFD) >= 0;
    ::_exit(right ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

Test(descriptors, a_dead_socket_is_replaced) {
  const HomeFolder folder;
  const std::string path = folder.path() + "/control";
  {
    const auto first = listen_at(path, 0600);
    cr_assert(first.has_value());
  }
  const auto second = listen_at(path, 0600);
  cr_assert(second.has_value());
  cr_expect(folder.mode("/control") == 0600);
  const Fd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  cr_expect(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
            0);
  cr_expect(!listen_at(folder.path() + "/" + std::string(200, 'x'), 0600).has_value());
}
