#include <criterion/criterion.h>

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "lib/sys/fs.h"

using namespace waypost;

namespace {

struct TemporaryFolder {
  TemporaryFolder() {
    cr_assert_not_null(::mkdtemp(path.data()));
    dir = Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  ~TemporaryFolder() {
    RealFs fs;
    std::vector<std::string> names;
    (void)fs.list(dir.get(), [&](const char* name) {
      names.emplace_back(name);
      return true;
    });
    for (const std::string& name : names)
      ::unlinkat(dir.get(), name.c_str(), 0);
    ::rmdir(path.c_str());
  }
  std::string path = "/tmp/waypost-fs-XXXXXX";
  Fd dir;
};

} // namespace

Test(fs, an_unnamed_file_gets_its_name_once) {
  TemporaryFolder folder;
  RealFs fs;
  const auto file = fs.open_unnamed(folder.dir.get(), 0600);
  cr_assert(file.has_value());
  cr_expect(fs.write_all(file->get(), "text").has_value());
  cr_expect(fs.link_at(file->get(), folder.dir.get(), "name").has_value());
  const auto other = fs.open_unnamed(folder.dir.get(), 0600);
  const auto again = fs.link_at(other->get(), folder.dir.get(), "name");
  cr_assert_not(again.has_value());
  cr_expect_eq(again.error().code, EEXIST);
  const auto opened = fs.open_at(folder.dir.get(), "name", O_RDONLY, 0);
  std::array<char, 10> bytes{};
  const auto n = fs.read_at(opened->get(), bytes, 0);
  cr_expect_eq(*n, 4);
}

Test(fs, errors_carry_errno_and_the_name) {
  TemporaryFolder folder;
  RealFs fs;
  const auto none = fs.open_at(folder.dir.get(), "absent", O_RDONLY, 0);
  cr_assert_not(none.has_value());
  cr_expect_eq(none.error().code, ENOENT);
  cr_expect_eq(none.error().text, "open absent: No such file or directory");
}

Test(fs, list_names_everything_but_the_dots_and_can_stop) {
  TemporaryFolder folder;
  RealFs fs;
  for (const char* name : {"a", "b", "c"})
    (void)fs.open_at(folder.dir.get(), name, O_CREAT | O_RDWR, 0600);
  int all = 0;
  cr_expect(fs.list(folder.dir.get(), [&](const char*) { return ++all > 0; }).has_value());
  cr_expect_eq(all, 3);
  int first = 0;
  cr_expect(fs.list(folder.dir.get(), [&](const char*) { return ++first < 1; }).has_value());
  cr_expect_eq(first, 1);
}
