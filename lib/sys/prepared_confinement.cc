#include "lib/sys/prepared_confinement.h"

#include <algorithm>

#include "lib/sys/landlock.h"
#include "lib/sys/privilege.h"

namespace waypost {

PreparedConfinement::Place PreparedConfinement::look_up(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return {path};
  return {path, found.st_dev, found.st_ino};
}

Result<PreparedConfinement> PreparedConfinement::make(const Promises& promises,
                                                      const Promises& held, const Kernel& kernel) {
  const Promises all = in_full(promises);
  PreparedConfinement made;
  if (kernel.seccomp) made.filter_ = system_call_filter(all.may, in_full(held).may);
  // Looked up first: a file that is replaced meanwhile is seen by up_to_date().
  for (const auto* const paths : {&all.read, &all.write, &all.execute})
    std::ranges::transform(*paths, std::back_inserter(made.places_), look_up);
  Result<Fd> ruleset = make_ruleset(all, kernel.landlock);
  if (!ruleset) return std::unexpected(ruleset.error());
  made.ruleset_ = std::move(*ruleset);
  return made;
}

bool PreparedConfinement::up_to_date() const {
  return std::ranges::all_of(places_,
                             [](const Place& place) { return look_up(place.path) == place; });
}

Result<> PreparedConfinement::put_on() const {
  if (!inspection_forbidden()) return fail("the process that prepares must be confined itself");
  const Result<> restricted = restrict_to(ruleset_.get());
  if (!restricted || !filter_) return restricted;
  return filter_system_calls(*filter_);
}

} // namespace waypost
