// PreparedConfinement: promises made ready in one process, for many forks of it to put on.
//
// What takes time is done before the fork: names are looked up and put into a ruleset, whose
// descriptor the forks inherit, and the filter is written. The forks also inherit the filter of the
// process that made it, so that their own one says only what they give up beside that
// (system_calls.h). The outcome is that of confine() with the same promises.
#pragma once

#include <optional>
#include <sys/stat.h>

#include "lib/sys/confine.h"
#include "lib/sys/fd.h"
#include "lib/sys/system_calls.h"

namespace waypost {

class PreparedConfinement {
public:
  // `held`: what the calling process has been confined to, by confine().
  [[nodiscard]] static Result<PreparedConfinement> make(const Promises& promises,
                                                        const Promises& held, const Kernel& kernel);

  // Do all names still mean the files that they meant? A file that was replaced by another one is
  // out of reach of who puts this on.
  [[nodiscard]] bool up_to_date() const;

  // In a fork. It may close the descriptors that it inherited afterwards.
  [[nodiscard]] Result<> put_on() const;

private:
  // A file that cannot change its number as long as the ruleset holds on to it.
  struct Place {
    std::string path;
    dev_t device = 0; // with `file` 0: nothing was there
    ino_t file = 0;
    bool operator==(const Place&) const = default;
  };
  [[nodiscard]] static Place look_up(const std::string& path);

  PreparedConfinement() = default;

  Fd ruleset_;
  std::optional<SystemCallFilter> filter_;
  std::vector<Place> places_;
};

} // namespace waypost
