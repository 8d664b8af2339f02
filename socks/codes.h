// What a proxy's answers mean: methods, status of a login, reply codes (RFC 1928 3, 6; RFC 1929 2).
// The one place that says whose fault each of them is.
//
// The proxy is at fault only when no negotiation comes about with it, when it refuses us, or when
// it does not know what we ask for; whatever it says of a connection speaks of the destination.
#pragma once

#include "socks/socks5.h"

namespace waypost::socks {

inline constexpr std::uint8_t kNoLogin = 0x00;
inline constexpr std::uint8_t kPassword = 0x02;
inline constexpr std::uint8_t kNoMethod = 0xFF;

// The first byte, or its lack, where the greeting was due.
[[nodiscard]] Failure no_socks5(std::uint8_t first);
[[nodiscard]] Failure no_greeting(std::string_view why);
// A method that was not offered, or kNoMethod. `login`: one was.
[[nodiscard]] Failure bad_method(std::uint8_t method, bool login);

[[nodiscard]] Failure no_login_status(std::uint8_t first);
[[nodiscard]] Failure no_answer_to_login(std::string_view why);
[[nodiscard]] Failure login_refused();

// A reply code other than 0x00.
[[nodiscard]] Failure refused(std::uint8_t code);
// A reply that is none, by its first byte or by its kind of address; or no reply at all.
[[nodiscard]] Failure no_reply(std::uint8_t first);
[[nodiscard]] Failure no_address(std::uint8_t kind);
[[nodiscard]] Failure no_answer_to_request(std::string_view why);

} // namespace waypost::socks
