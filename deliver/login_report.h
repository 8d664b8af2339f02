// What `waypost credential test` prints of a login that was tried: step by step for a person, or an
// object for a program (waypost-credential(8)).
#pragma once

#include <string>

#include "deliver/login_trial.h"

namespace waypost::deliver {

[[nodiscard]] std::string login_text(const LoginFindings& found); // lines
[[nodiscard]] std::string login_json(const LoginFindings& found); // one line
// 0 logged in; 100 the login itself was refused, or cannot be made; 111 anything else, which may
// pass.
[[nodiscard]] int login_status(const LoginFindings& found);

} // namespace waypost::deliver
