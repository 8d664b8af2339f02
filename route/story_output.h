// A story as lines for a person, or as one JSON object an attempt. waypost-route(8) lists the keys.
#pragma once

#include <string>

#include "route/explain.h"

namespace waypost::route {

struct StoryTitle {
  std::string from; // as given
  std::string to;
  std::string account;   // empty: none
  std::string rewritten; // the sender as it leaves; empty: as given
};

[[nodiscard]] std::string story_text(const Story& story, const StoryTitle& title,
                                     const Settings& settings);
[[nodiscard]] std::string story_json(const Story& story);

} // namespace waypost::route
