// Forms: what the value of a key may be. A form says in words what it takes, for errors and for the
// list of keys, parses a node of the file into a value or into what is wrong with it, and writes a
// value as a node that it would parse.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/mail/snapshot.h"
#include "route/document.h"
#include "route/quantity.h"

namespace waypost::route {

template <class T>
struct Form {
  std::string takes;   // "a number from 1 to 65535"
  std::string example; // as it stands in the file: 587, "7m30s"
  std::function<Parsed<T>(const Node&)> parse;
  std::function<std::optional<Node>(const T&)> write; // none: a value that means "not set"
};

[[nodiscard]] Form<bool> boolean();
[[nodiscard]] Form<std::uint64_t> number(std::uint64_t least, std::uint64_t most,
                                         std::string example);
// Whole seconds, or milliseconds; the bounds in the same unit.
[[nodiscard]] Form<std::uint64_t> seconds(std::uint64_t least, std::uint64_t most,
                                          std::string example);
[[nodiscard]] Form<std::uint64_t> milliseconds(std::uint64_t least, std::uint64_t most,
                                               std::string example);
[[nodiscard]] Form<std::uint64_t> size();
[[nodiscard]] Form<Rate> rate();
[[nodiscard]] Form<FreeMinimum> free_minimum();

// Text that `check` brings into its final form.
[[nodiscard]] Form<std::string> text(std::string takes, std::string example,
                                     Parsed<std::string> (*check)(std::string_view));
[[nodiscard]] Form<std::string> line();            // one line for people
[[nodiscard]] Form<std::string> word();            // a user name: no spaces, no controls
[[nodiscard]] Form<std::string> path();            // absolute
[[nodiscard]] Form<std::string> mailbox_path();    // absolute, or below ~/
[[nodiscard]] Form<std::string> argument();        // of a command: any text of one line
[[nodiscard]] Form<std::string> credential_name(); // letters, digits, - _ .
[[nodiscard]] Form<std::string> public_key_pin();  // sha256//BASE64
[[nodiscard]] Form<std::string> mechanism();
[[nodiscard]] Form<FailureClass> failure_class(); // one that `after` may name

// One of a few words, each with its value.
template <class T>
[[nodiscard]] Form<T> one_of(const std::vector<std::pair<std::string_view, T>>& words) {
  std::vector<std::string_view> names;
  names.reserve(words.size());
  for (const auto& [name, value] : words)
    names.push_back(name);
  const std::string takes = one_of_words(names);
  return {takes, quoted(names.front()),
          [words, names](const Node& node) -> Parsed<T> {
            if (node.kind != Node::Kind::text) return std::unexpected("is not one of its words");
            for (const auto& [name, value] : words) {
              if (name == node.text) return value;
            }
            return std::unexpected("is not one of its words" + did_you_mean(node.text, names));
          },
          [words](const T& wanted) -> std::optional<Node> {
            for (const auto& [name, value] : words) {
              if (value == wanted) return text_node(std::string(name));
            }
            return std::nullopt;
          }};
}

} // namespace waypost::route
