// Arguments: sendmail's command line, as programs have called it for forty years.
//
// Options may stand before and after recipients and be grouped (-ti); `--` ends them. Which there
// are, and what each takes, stands in options.h; what it means, here. An error is a usage error and
// names what it is about.
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
  newaliases, // -bi, -I, or called as newaliases
  explain,    // -bv, -bt: where mail to these addresses would go
  flush,      // -q, -qI, -qR, -qS: what waits is tried now
  smtp,       // -bs: a dialogue on standard input and output
  nothing,    // -bh, -bH: Sendmail's memory of hosts; -q30m: the queue runs by itself
};

// What -q asks for. Exim and Sendmail know more letters, which narrow what "all" means.
struct Flush {
  enum class What : std::uint8_t { all, id, recipient, sender };
  What what = What::all;
  std::string value;
};

// -XV: each recipient gets a message with a sender of its own (verp.h).
struct VerpDelimiters {
  char before_recipient = '+';
  char in_place_of_at = '=';
};

struct Arguments {
  InjectMode mode = InjectMode::deliver;
  bool from_header = false;             // -t: recipients stand in the message as well
  bool ignore_dots = false;             // -i, -oi
  bool gateway = false;                 // -G: the header is another system's
  bool verbose = false;                 // -v
  std::optional<std::string> sender;    // -f, -r; as given
  std::optional<std::string> full_name; // -F
  std::optional<std::string> label;     // -L: in place of the program's name in its messages
  std::optional<VerpDelimiters> verp;   // -XV
  Flush flush;                          // -q
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
