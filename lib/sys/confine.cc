#include "lib/sys/confine.h"

#include <algorithm>
#include <link.h>
#include <unistd.h>

#include "lib/sys/landlock.h"
#include "lib/sys/log.h"
#include "lib/sys/privilege.h"
#include "lib/sys/system_calls.h"

namespace waypost {
namespace {

constexpr int kWholeLandlock = 6; // from here on it has all that we ask for

constexpr const char* kLibraries[] = {"/lib",       "/lib64",         "/usr/lib",
                                      "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"};
// NSS reads its tables and those of its modules, and asks services behind sockets in /run.
constexpr const char* kNames[] = {"/etc", "/run", "/var/lib", "/var/db"};

void add_all(std::vector<std::string>& to, const auto& names) {
  for (const char* name : names)
    to.emplace_back(name);
}

// Where shared objects lie, and the loader, which the kernel executes: the usual places, and those
// that ours came from.
void add_libraries(std::vector<std::string>& to) {
  add_all(to, kLibraries);
  const auto add_folder = [](dl_phdr_info* object, std::size_t, void* list) {
    const std::string_view path = object->dlpi_name;
    const std::size_t end = path.rfind('/');
    if (end == std::string_view::npos) return 0;
    auto& folders = *static_cast<std::vector<std::string>*>(list);
    const std::string folder(path.substr(0, end));
    if (std::ranges::find(folders, folder) == folders.end()) folders.push_back(folder);
    return 0;
  };
  ::dl_iterate_phdr(add_folder, &to);
}

} // namespace

Promises in_full(Promises promises) {
  if (!promises.brief) promises.may = promises.may | May::loop;
#ifdef __SANITIZE_ADDRESS__
  // The one place that knows of sanitizers: they write reports where they were told to, and their
  // search for leaks forks, traces and reads /proc. System calls that they need: May::sanitizer.
  promises.may =
      promises.may | May::read | May::write | May::modules | May::fork | May::loop | May::sanitizer;
  promises.read.emplace_back("/");
  promises.write.emplace_back("/");
#endif
  if (has(promises.may, May::names)) {
    promises.may = promises.may | May::local | May::modules;
    add_all(promises.read, kNames);
  }
  if (has(promises.may, May::modules)) add_libraries(promises.read);
  if (!promises.execute.empty()) add_libraries(promises.execute);
  if (has(promises.may, May::fork)) promises.may = promises.may | May::wait;
  if (!promises.read.empty()) promises.may = promises.may | May::read;
  if (!promises.write.empty()) promises.may = promises.may | May::read | May::write;
  if (!promises.execute.empty()) promises.may = promises.may | May::execute;
  return promises;
}

Kernel probe_kernel() {
  return {landlock_abi(), has_system_call_filters()};
}

std::string missing_in(const Kernel& kernel) {
  std::string text;
  const auto lacks = [&text](std::string_view what) {
    if (!text.empty()) text += ", ";
    text += what;
  };
  if (!kernel.seccomp) lacks("system calls");
  if (kernel.landlock < 1) lacks("files by name");
  if (kernel.landlock == 1) lacks("files by name in programs that write the spool");
  if (kernel.landlock < 3) lacks("truncation");
  if (kernel.landlock < 4) lacks("TCP ports");
  if (kernel.landlock < 5) lacks("ioctl of devices");
  if (kernel.landlock < kWholeLandlock) lacks("abstract sockets and signals of others");
  return text;
}

Result<> try_confine(const Promises& promises, const Kernel& kernel) {
  const Promises all = in_full(promises);
  // Once is enough: a second time it may be denied already.
  const Result<> unseen = inspection_forbidden() ? Result<>() : forbid_inspection();
  if (!unseen) return unseen;
  const Result<> bound = forbid_new_privileges();
  if (!bound) return bound;
  const Result<> restricted = restrict_by_landlock(all, kernel.landlock);
  if (!restricted || !kernel.seccomp) return restricted;
  return filter_system_calls(system_call_filter(all.may)); // last: it may deny all of the above
}

void confine(const Promises& promises, int status) {
  const Result<> confined = try_confine(promises, probe_kernel());
  if (confined) return;
  Log("not_confined").add("error", confined.error().text).error();
  ::_exit(status);
}

} // namespace waypost
