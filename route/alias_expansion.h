// Expansion: what a local name stands for in the end, through aliases of aliases and included
// lists.
//
// The end is an address elsewhere, a user of this machine, a command or a file. Each appears once.
// A name that its own alias names again means that user's mailbox; any longer way back is a loop.
// Root without an alias is root_to, and postmaster without one is root. Only the alias file itself
// names commands and files: an included list belongs to whoever may write it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "route/alias_book.h"

namespace waypost::route {

struct Expansion {
  enum class Kind : std::uint8_t {
    none,    // there is no alias of that name
    members, // these addresses
    loop,
    broken, // it must be mended, until then mail waits
  };
  Kind kind = Kind::none;
  std::vector<std::string> members;
  std::string owner;  // members: "owner-NAME" with the domain, where there is such an alias
  std::string where;  // "aliases:12": the alias that was asked for
  std::string reason; // loop, broken: which way round; what is wrong
};

// `name`: without quotes. `domain`: one of this machine, for members without one. `here`: of a
// domain as it is written in an address, that of its members here; empty: it is another machine's.
// `root_to`: empty where there is none.
[[nodiscard]] Expansion expand(AliasBook& book, std::string_view name, std::string_view domain,
                               const std::function<std::string(std::string_view)>& here,
                               std::string_view root_to);

// "alice" of "alice+lists"; empty where there is no detail.
[[nodiscard]] std::string_view without_detail(std::string_view name);

} // namespace waypost::route
