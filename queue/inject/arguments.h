// Arguments: sendmail's command line, as programs have called it for forty years.
//
// Options may stand before and after recipients and be grouped (-ti); `--` ends them. What sendmail
// knew and nobody means any more (-o and -O settings but -oi, -m, -v, -n, -G, -U, -h, -L, -X, -A,
// -C, -d, -e, -p) is taken and ignored; an unknown letter is an error.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/mail/envelope.h"
#include "lib/sys/error.h"

namespace waypost::queue {

enum class InjectMode : std::uint8_t {
  deliver,    // -bm, the default
  list,       // -bp, or called as mailq
  newaliases, // -bi, or called as newaliases: there is nothing to build
};

struct Arguments {
  InjectMode mode = InjectMode::deliver;
  bool from_header = false;             // -t: recipients stand in the message
  bool ignore_dots = false;             // -i
  std::optional<std::string> sender;    // -f, -r; as given
  std::optional<std::string> full_name; // -F
  Notify notify;                        // -N
  DsnReturn ret = DsnReturn::unset;     // -R
  std::string envid;                    // -V, as xtext
  BodyType body = BodyType::unknown;    // -B
  std::vector<std::string> recipients;
};

// `program` is the last component of argv[0]. An error says which argument is wrong.
[[nodiscard]] Result<Arguments> parse_arguments(std::string_view program,
                                                std::span<const char* const> arguments);

} // namespace waypost::queue
