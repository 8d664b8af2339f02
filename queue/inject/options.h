// The options of sendmail: a row a letter, the union of what the programs take that it stands in
// for. Postfix, msmtp, nullmailer and dma read them with getopt(3); Exim by hand.
//
// Where two of them disagree on the form, a row has the one that never takes a recipient for a
// value. A letter that is not here is an error, as it is with all of them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace waypost::queue {

enum class Takes : std::uint8_t {
  nothing,  // more letters may follow in the same argument
  attached, // the rest of the argument, if there is any
  value,    // the rest of the argument, or else the next one
};

enum class Meaning : std::uint8_t {
  ignored,
  body,
  envid,
  flush,
  from_header,
  full_name,
  gateway,
  ignore_dots,
  label,
  log_or_verp,
  mode,
  newaliases,
  notify,
  ret,
  sender,
  setting,
  verbose,
};

struct OptionRow {
  char letter;
  Takes takes;
  Meaning meaning;
};

inline constexpr std::array kOptions{
    // ---- what is acted upon
    OptionRow{'B', Takes::value, Meaning::body},
    OptionRow{'F', Takes::value, Meaning::full_name},
    OptionRow{'G', Takes::nothing, Meaning::gateway},
    OptionRow{'I', Takes::nothing, Meaning::newaliases},
    OptionRow{'L', Takes::value, Meaning::label},
    OptionRow{'N', Takes::value, Meaning::notify}, // a flag of Exim's, which others do not mean
    OptionRow{'R', Takes::value, Meaning::ret},
    OptionRow{'V', Takes::value, Meaning::envid},
    OptionRow{'X', Takes::value, Meaning::log_or_verp}, // -XV; any other is a file's name
    OptionRow{'b', Takes::value, Meaning::mode},
    OptionRow{'f', Takes::value, Meaning::sender},
    OptionRow{'i', Takes::nothing, Meaning::ignore_dots},
    OptionRow{'o', Takes::value, Meaning::setting}, // -oi, -ov; some of Exim's take one more
    OptionRow{'q', Takes::attached, Meaning::flush},
    OptionRow{'r', Takes::value, Meaning::sender},
    OptionRow{'t', Takes::nothing, Meaning::from_header},
    OptionRow{'v', Takes::nothing, Meaning::verbose},
    // ---- what is taken and ignored
    OptionRow{'A', Takes::value, Meaning::ignored},    // -Ac, -Am: which of Sendmail's files
    OptionRow{'C', Takes::value, Meaning::ignored},    // a configuration
    OptionRow{'E', Takes::attached, Meaning::ignored}, // Exim's own
    OptionRow{'J', Takes::attached, Meaning::ignored}, // character sets of old machines
    OptionRow{'O', Takes::value, Meaning::ignored},    // a setting by its name
    OptionRow{'U', Takes::nothing, Meaning::ignored},
    OptionRow{'c', Takes::nothing, Meaning::ignored},
    OptionRow{'d', Takes::attached, Meaning::ignored}, // debugging, as in -d0.1
    OptionRow{'e', Takes::value, Meaning::ignored}, // -em and its kin: errors are told by the exit
    OptionRow{'h', Takes::value, Meaning::ignored}, // hops so far
    OptionRow{'m', Takes::nothing, Meaning::ignored},
    OptionRow{'n', Takes::nothing, Meaning::ignored},
    OptionRow{'p', Takes::value, Meaning::ignored}, // the protocol by which it came
    OptionRow{'x', Takes::nothing, Meaning::ignored},
};

[[nodiscard]] constexpr const OptionRow* find_option(char letter) {
  const auto* const row = std::ranges::find(kOptions, letter, &OptionRow::letter);
  return row == kOptions.end() ? nullptr : row;
}

} // namespace waypost::queue
