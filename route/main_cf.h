// Postfix's main.cf (postconf(5)): parameters, with the line on which each stands, and the lines of
// a table's text (postmap(1)).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace waypost::route {

struct PostfixParameter {
  std::string value; // as written, in one line
  unsigned line = 0;
};

using PostfixParameters = std::map<std::string, PostfixParameter, std::less<>>;

// Logical lines: one that begins with white space goes on with the one before, comments and empty
// lines are no lines. The last of a name counts.
[[nodiscard]] PostfixParameters parse_main_cf(std::string_view text);

// $name, ${name} and $(name) replaced, a few levels deep and a thousand times at most; what is
// unknown is empty.
[[nodiscard]] std::string expand_main_cf(std::string_view value, const PostfixParameters& all);

// A list's members, which spaces and commas divide.
[[nodiscard]] std::vector<std::string> postfix_words(std::string_view value);

// "[host]:587", "host:587", "host"; brackets: not looked up by MX.
struct NextHop {
  std::string host;
  std::string port;
  bool by_mx = false;
};
[[nodiscard]] NextHop postfix_next_hop(std::string_view text);

// The lines of a table: a key and, behind white space, the rest.
struct PostfixEntry {
  std::string key;
  std::string value;
  unsigned line = 0;
};
[[nodiscard]] std::vector<PostfixEntry> parse_postfix_table(std::string_view text);

} // namespace waypost::route
