// Address lists as people and programs write them in To, Cc, Bcc and on command lines: RFC 5322 3.4
// with its obsolete forms, reduced to the addresses alone.
//
// Display names, encoded words and comments are dropped, groups are opened, routes (<@a,@b:c@d>)
// are cut, quoted local parts stay quoted. Folding is white space. Never recurses deeper than one
// function, whatever the input; time is linear in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/sys/error.h"

namespace waypost {

// The addresses in order; an empty list or an empty group is no error. They are not checked beyond
// the list's own syntax: Address::parse does that.
[[nodiscard]] Result<std::vector<std::string>> parse_address_list(std::string_view text);

// The same, with where each stands: whoever writes another in place of these bytes keeps display
// names, comments beside them and the folding.
struct ListedAddress {
  std::string address;
  std::size_t begin = 0; // in the text
  std::size_t length = 0;
};
[[nodiscard]] Result<std::vector<ListedAddress>> find_listed_addresses(std::string_view text);

} // namespace waypost
