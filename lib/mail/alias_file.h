// The alias file, /etc/aliases: waypost-aliases(5). Text to values; no files, no lookups of users.
//
//   name: target, target            a line that begins with a space goes on with the one before
//   "odd name": "|/bin/prog arg"    names without regard to case; # begins a comment
//
// A target is an address or a user of this machine (`\user`: no alias is looked up for it), a
// command `|...`, a file `/...`, or `:include:/path`, a file of further targets. A line that is
// wrong spoils the alias that it belongs to and no other: its error is kept, so that mail for it
// waits for somebody to mend it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/sys/error.h"

namespace waypost {

struct AliasTarget {
  enum class Kind : std::uint8_t { address, command, file, include };
  Kind kind = Kind::address;
  std::string text; // address; command without its bar; path
  bool operator==(const AliasTarget&) const = default;
};

struct Alias {
  std::string name; // in lower case
  unsigned line = 0;
  std::vector<AliasTarget> targets;
  std::string error; // not empty: what is wrong with it
};

class AliasFile {
public:
  [[nodiscard]] static AliasFile parse(std::string_view text);

  // Without regard to case.
  [[nodiscard]] const Alias* find(std::string_view name) const;
  // Does any alias, at this moment, name this command or this file?
  [[nodiscard]] bool names(const AliasTarget& target) const;

  struct Wrong {
    unsigned line = 0;
    std::string text;
  };
  // Every mistake, in the order of the lines.
  [[nodiscard]] const std::vector<Wrong>& errors() const { return errors_; }
  [[nodiscard]] std::size_t size() const { return aliases_.size(); }

private:
  void take(std::string_view entry, unsigned line);

  std::map<std::string, Alias, std::less<>> aliases_;
  std::vector<Wrong> errors_;
};

// A list of targets as it stands behind a name. An error says what is wrong.
[[nodiscard]] Result<std::vector<AliasTarget>> parse_alias_targets(std::string_view text);
// The targets of an included file: the same, where a line's end separates like a comma.
[[nodiscard]] Result<std::vector<AliasTarget>> parse_alias_list(std::string_view text);

// A command or a file as the local part of a recipient's address, and back: `"|/bin/prog arg"`,
// `/var/log/mail`. Who sends to such an address reaches what the alias file names, nothing else.
[[nodiscard]] std::string local_part_of(const AliasTarget& target);
[[nodiscard]] std::optional<AliasTarget> target_of_local_part(std::string_view local);

// A local part without its quotes and backslashes; itself where it is not quoted.
[[nodiscard]] std::string unquoted_local_part(std::string_view local);

// A command's words: spaces separate, quotes and backslashes keep together. No shell reads it, so
// an error names what only a shell would understand.
[[nodiscard]] Result<std::vector<std::string>> split_command(std::string_view command);

inline constexpr std::size_t kMaxAliasFile = std::size_t{16} << 20;

} // namespace waypost
