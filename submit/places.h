// Where waypost-submit finds its configuration, and where it keeps what could not be sent (XDG Base
// Directory Specification: ~/.config and ~/.local/state, unless the environment says others).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/sys/error.h"

namespace waypost::submit {

// The caller's own file where there is one, else the machine's: /etc/waypost/submit.toml.
[[nodiscard]] std::string config_path();
[[nodiscard]] std::string save_folder();
// "~/x" below the caller's home; any other path as it is.
[[nodiscard]] std::string expand_home(std::string_view path);

// A regular file of at most `most` bytes; an error says what it is instead.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t most);

} // namespace waypost::submit
