#include "route/document.h"

#include <algorithm>
#include <array>

// toml++ 3.3 asserts of a key what a file can violate: "[!]" ended the program. Its own check
// behind the assertion reports the error.
#undef NDEBUG
#define TOML_ASSERT(expr) static_cast<void>(0)
#include <toml++/toml.h>

#include "lib/sys/json.h"
#include "lib/sys/text.h"
#include "route/quoting.h"

namespace waypost::route {
namespace {

Node convert(const toml::node& from);

// By position, not by line alone: two keys of an inline table share a line.
Node convert_table(const toml::table& from) {
  std::vector<std::pair<toml::source_position, Entry>> found;
  for (auto&& [key, value] : from) {
    const toml::source_position at = key.source().begin;
    found.push_back({at, {std::string(key.str()), at.line, convert(value)}});
  }
  std::ranges::stable_sort(found, [](const auto& a, const auto& b) { return a.first < b.first; });
  Node node;
  for (auto& [at, entry] : found)
    node.entries.push_back(std::move(entry));
  return node;
}

Node convert_value(const toml::node& from) {
  Node node;
  switch (from.type()) {
  case toml::node_type::string:
    node.kind = Node::Kind::text;
    node.text = from.as_string()->get();
    return node;
  case toml::node_type::integer:
    node.kind = Node::Kind::integer;
    node.integer = from.as_integer()->get();
    return node;
  case toml::node_type::boolean:
    node.kind = Node::Kind::boolean;
    node.truth = from.as_boolean()->get();
    return node;
  case toml::node_type::array:
    node.kind = Node::Kind::list;
    for (const toml::node& item : *from.as_array())
      node.items.push_back(convert(item));
    return node;
  case toml::node_type::table: return convert_table(*from.as_table());
  case toml::node_type::floating_point: node.text = "a fraction"; break;
  case toml::node_type::date:
  case toml::node_type::time:
  case toml::node_type::date_time: node.text = "a date or time"; break;
  case toml::node_type::none: break;
  }
  node.kind = Node::Kind::other;
  return node;
}

Node convert(const toml::node& from) {
  Node node = convert_value(from);
  node.line = from.source().begin.line;
  return node;
}

// What a person who wrote this most likely wants, by parts of the parser's words; the first row of
// which both parts stand there.
struct Remedy {
  std::string_view part;
  std::string_view other;
  std::string_view says;
};

constexpr std::array kRemedies{
    Remedy{"cannot redefine", "", "a name may stand only once"},
    Remedy{"table header", "saw ':'", "quote the name, as in [[account.\"smtp:alice\".route]]"},
    Remedy{"table header", "saw '@'", "quote the name, as in [[account.\"alice@b\".route]]"},
    Remedy{"table header", "whitespace, saw ']'",
           "as many brackets close as open: [transport.NAME], [[route]]"},
    Remedy{"table header", "whitespace, saw", "nothing may follow the bracket on its line"},
    Remedy{"table header", "", "close it on its line: [transport.NAME], [[route]]"},
    Remedy{"could not determine value type", "",
           "a text needs quotes, as in retry = [\"7m30s\", \"15m\"]"},
    Remedy{"expected digit", "", "a text needs quotes, as in retry = [\"7m30s\", \"15m\"]"},
    Remedy{"inline table", "saw '\\x0a'", "{ } must close on its line, or write it as a [table]"},
    Remedy{"inline table", "saw '\\n'", "{ } must close on its line, or write it as a [table]"},
    Remedy{"string", "escape sequence", "write \\\\ for a backslash, or the text in single quotes"},
    Remedy{"utf-8", "", "save the file in UTF-8"},
    Remedy{"string", "control characters", "a text ends with a quote on its line"},
    Remedy{"string", "end-of-file", "a text ends with a quote on its line"},
    Remedy{"array", "end-of-file", "the list has no ]"},
    Remedy{"array", "expected comma", "write a comma between two values"},
    Remedy{"boolean", "", "write true or false, or a text in quotes"},
    Remedy{"expected value", "", "write a value behind the =, a text in quotes"},
    Remedy{"expected '='", "", "write KEY = VALUE; a key has no spaces"},
    Remedy{"expected keys", "", "write KEY = VALUE, or a line like [transport.NAME]"},
    Remedy{"key-value pair", "whitespace, saw",
           "one value stands on a line, and a text needs quotes"},
};

// The parser's words, which may show bytes of the file, and the remedy.
std::string syntax_error(std::string_view words) {
  const std::string text = printable(words);
  const auto fits = [&](const Remedy& one) {
    return text.contains(one.part) && text.contains(one.other);
  };
  const auto* const found = std::ranges::find_if(kRemedies, fits);
  const std::string_view says =
      found == kRemedies.end() ? "the rest of the file was not looked at" : found->says;
  return text + "; " + std::string(says);
}

} // namespace

const Entry* Node::find(std::string_view name) const {
  const auto found = std::ranges::find(entries, name, &Entry::name);
  return found == entries.end() ? nullptr : &*found;
}

std::string Node::shown() const {
  switch (kind) {
  case Kind::text: return quoted(text);
  case Kind::integer: return std::to_string(integer);
  case Kind::boolean: return truth ? "true" : "false";
  case Kind::list: return "a list";
  case Kind::table: return "a table";
  case Kind::other: return text;
  }
  return {};
}

Node text_node(std::string text) {
  Node node;
  node.kind = Node::Kind::text;
  node.text = std::move(text);
  return node;
}

Node integer_node(std::uint64_t integer) {
  Node node;
  node.kind = Node::Kind::integer;
  node.integer = static_cast<std::int64_t>(integer);
  return node;
}

Node boolean_node(bool truth) {
  Node node;
  node.kind = Node::Kind::boolean;
  node.truth = truth;
  return node;
}

Node list_node(std::vector<Node> items) {
  Node node;
  node.kind = Node::Kind::list;
  node.items = std::move(items);
  return node;
}

// What JSON escapes in a string, a basic string of TOML 1.0 takes in the same way.
std::string written(const Node& node) {
  if (node.kind == Node::Kind::text) return json_string(node.text);
  if (node.kind != Node::Kind::list) return node.shown();
  std::string all;
  for (const Node& item : node.items)
    all += (all.empty() ? "" : ", ") + written(item);
  return "[" + all + "]";
}

std::expected<Node, Complaint> parse_document(std::string_view text) {
  if (const auto at = find_unquoted(text)) {
    const auto line = static_cast<unsigned>(std::ranges::count(text.substr(0, *at), '\n')) + 1;
    return std::unexpected(Complaint{line, "a character outside of ASCII (" +
                                               printable(text.substr(*at, 1)) +
                                               "...) stands without quotes, or first behind a \\ "
                                               "at a line's end; a text needs quotes like \", and "
                                               "between values only plain spaces"});
  }
  const toml::parse_result parsed = toml::parse(text, std::string_view());
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return std::unexpected(Complaint{error.source().begin.line, syntax_error(error.description())});
  }
  return convert(parsed.table());
}

} // namespace waypost::route
