#include <criterion/criterion.h>

#include "lib/sys/prepared_confinement.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "lib/sys/privilege.h"
#include "tests/unit/lib-sys/confined_child.h"

using namespace waypost;

namespace {

class Folder {
public:
  Folder() {
    char name[] = "/tmp/waypost-prepared-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string at(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name) const { std::ofstream(at(name)) << "text"; }

private:
  std::string path_;
};

PreparedConfinement prepare(const Promises& promises) {
  Result<PreparedConfinement> made = PreparedConfinement::make(promises, {}, probe_kernel());
  cr_assert(made.has_value());
  return std::move(*made);
}

} // namespace

Test(prepared_confinement, is_out_of_date_when_a_name_means_another_file) {
  const Folder folder;
  folder.write("hosts");
  const Promises promises{.read = {folder.at("hosts"), folder.at("later")}};
  const PreparedConfinement first = prepare(promises);
  cr_expect(first.up_to_date());
  folder.write("hosts"); // the same file, with other content
  cr_expect(first.up_to_date());
  folder.write("new");
  std::filesystem::rename(folder.at("new"), folder.at("hosts"));
  cr_expect_not(first.up_to_date(), "replaced");
  const PreparedConfinement second = prepare(promises);
  cr_expect(second.up_to_date());
  folder.write("later");
  cr_expect_not(second.up_to_date(), "made");
  const PreparedConfinement third = prepare(promises);
  std::filesystem::remove(folder.at("hosts"));
  cr_expect_not(third.up_to_date(), "removed");
}

Test(prepared_confinement, is_for_forks_of_a_confined_process) {
  const Promises held{.may = May::fork, .read = {"/"}};
  const Promises sender{.read = {"/etc"}};
  cr_expect(in_child([&] { return !prepare(sender).put_on().has_value(); }), "not confined");
  cr_expect(in_child([&] {
    if (!try_confine(held, probe_kernel())) return false;
    const auto made = PreparedConfinement::make(sender, held, probe_kernel());
    if (!made) return false;
    const auto puts_it_on = [&] { return made->put_on().has_value(); };
    return in_child(puts_it_on) && in_child(puts_it_on);
  }));
}

#ifndef __SANITIZE_ADDRESS__ // which needs more of all (confine.cc)
Test(prepared_confinement, takes_away_what_confine_would) {
  if (!probe_kernel().seccomp || probe_kernel().landlock < 1) cr_skip_test("skipped: old kernel");
  const Folder folder;
  folder.write("read");
  folder.write("other");
  const Promises held{.may = May::fork, .read = {"/"}};
  const Promises sender{.read = {folder.at("read")}};
  cr_expect(in_child([&] {
    if (!try_confine(held, probe_kernel())) return false;
    const auto made = PreparedConfinement::make(sender, held, probe_kernel());
    return made && in_child([&] {
             if (!made->put_on()) return false;
             const Fd file(::open(folder.at("read").c_str(), O_RDONLY));
             return file && cannot_open(folder.at("other").c_str(), O_RDONLY) && denied(::fork());
           });
  }));
}
#endif
