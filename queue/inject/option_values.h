// What the value of an option says: one function for each that has more to say than a word. Each
// sets its part of the arguments; an error says what the option takes.
#pragma once

#include <string_view>

#include "queue/inject/arguments.h"

namespace waypost::queue {

Result<> set_mode(Arguments& to, std::string_view value);
Result<> set_notify(Arguments& to, std::string_view value);
Result<> set_return(Arguments& to, std::string_view value);
Result<> set_body(Arguments& to, std::string_view value);
Result<> set_envid(Arguments& to, std::string_view value);
Result<> set_verp(Arguments& to, std::string_view delimiters);
Result<> set_flush(Arguments& to, std::string_view value);

// An -o setting of Exim's whose value is the next argument: -oMr spam-scanned, -oX 587, -oB 5.
[[nodiscard]] bool setting_takes_next(std::string_view setting, std::string_view next);

} // namespace waypost::queue
