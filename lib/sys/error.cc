#include "lib/sys/error.h"

#include <cstring>

namespace waypost {

std::unexpected<Error> fail(std::string text) {
  return std::unexpected(Error{0, std::move(text)});
}

std::unexpected<Error> fail_errno(std::string_view what, int code) {
  std::string text(what);
  text += ": ";
  text += strerrordesc_np(code) != nullptr ? strerrordesc_np(code) : "unknown error";
  return std::unexpected(Error{code, std::move(text)});
}

} // namespace waypost
