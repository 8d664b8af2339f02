// Token pipe: what waypost-sasl and waypost-token say to each other, on a socket of whole packets
// (SOCK_SEQPACKET), so that answers that come at once do not mix. waypost-pipes(5).
//
//   oracle -> waypost-token   a record: type=run number= credential= word=... (the command)
//   waypost-token -> oracle   "NUMBER output", a newline, what the command printed; or
//                             "NUMBER failed", a newline, why. Each once, in any order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/mail/record.h"

namespace waypost::sasl {

struct TokenRun {
  std::uint64_t number = 0;
  std::string credential; // for the log
  std::vector<std::string> words;
};

struct TokenAnswer {
  std::uint64_t number = 0;
  bool good = false;
  std::string_view text; // within the packet
};

[[nodiscard]] Record to_record(const TokenRun& run);
[[nodiscard]] Result<TokenRun> token_run(const Record& record);

[[nodiscard]] std::string answer_head(std::uint64_t number, bool good);
[[nodiscard]] Result<TokenAnswer> token_answer(std::string_view packet);

inline constexpr std::size_t kMaxTokenRun = 16384;
inline constexpr std::size_t kMaxTokenOutput = 16384;
inline constexpr std::size_t kMaxTokenAnswer = kMaxTokenOutput + 64;

} // namespace waypost::sasl
