// Arguments: the command line of the queue's commands.
//
// Options are long, take a value as `--id X` or `--id=X`, and may stand before or behind the
// operands; `--` ends them. What a command does not know is an error that says what it knows.
// --help is known to all: refuse_arguments() in ask.h prints what there is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/sys/error.h"

namespace waypost::queue {

struct Option {
  std::string_view name; // without the dashes
  bool value = false;    // it takes one
};

// The code of the error that stands for --help; its text is the list of options.
inline constexpr int kHelpAsked = -1;

class Arguments {
public:
  [[nodiscard]] static Result<Arguments> parse(int argc, char* const* argv,
                                               const std::vector<Option>& known);

  [[nodiscard]] bool has(std::string_view option) const;
  // None when it was not given; the last one when it was given more than once.
  [[nodiscard]] std::optional<std::string_view> value(std::string_view option) const;
  [[nodiscard]] std::vector<std::string_view> values(std::string_view option) const; // all of them
  [[nodiscard]] const std::vector<std::string_view>& operands() const { return operands_; }

private:
  struct Given {
    std::string_view name;
    std::string_view value;
  };
  std::vector<Given> given_;
  std::vector<std::string_view> operands_;
};

// "90", "90s", "30m", "4h", "2d", "1h30m": seconds. None when it is not an age.
[[nodiscard]] std::optional<std::uint64_t> parse_age(std::string_view text);

} // namespace waypost::queue
