// The exit codes of waypost-config and waypost-route, beside 0.
#pragma once

namespace waypost::route {

inline constexpr int kBad = 100;       // an argument or the configuration is wrong
inline constexpr int kTemporary = 111; // something could not be read or written

} // namespace waypost::route
