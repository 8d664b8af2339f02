// What stands in a main.cf and has no equal in waypost.toml, and what comes nearest: a line each,
// for the top of the imported file.
#pragma once

#include <span>
#include <string_view>

namespace waypost::route {

struct PostfixAdvice {
  std::string_view name; // of the parameter
  std::string_view advice;
};

[[nodiscard]] std::span<const PostfixAdvice> postfix_advice();

} // namespace waypost::route
