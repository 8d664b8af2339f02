// Replies that servers have really sent, as rows of tests: what came at which stage, and the class
// and disposition that it must have. Addresses of people and machines are replaced; each row has
// its public source above it. In `wire` lines are joined by '\n' and have their codes, as sent.
#pragma once

#include <span>

#include "deliver/policy.h"

namespace waypost::deliver {

struct RealReply {
  const char* name;
  Stage stage;
  const char* wire;
  FailureClass klass;
  Disposition disposition;
};

// Reads each as a connection would and prints every row that fails, by its name.
void expect_classes(std::span<const RealReply> rows);

} // namespace waypost::deliver
