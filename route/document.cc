#include "route/document.h"

#include <algorithm>

// toml++ 3.3 asserts of a key what a file can violate: "[!]" ended the program. Its own check
// behind the assertion reports the error.
#undef NDEBUG
#define TOML_ASSERT(expr) static_cast<void>(0)
#include <toml++/toml.h>

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

// The parser's words, which may show bytes of the file, and what a person who wrote this most
// likely wants.
std::string syntax_error(std::string_view words) {
  const std::string text = printable(words);
  const auto says = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  if (says("cannot redefine")) return text + "; a name may stand only once";
  if (says("table header") && says("saw ':'")) {
    return text + "; quote the name, as in [[account.\"smtp:alice\".route]]";
  }
  if (says("could not determine value type") || says("expected digit")) {
    return text + "; a text needs quotes, as in retry = [\"7m30s\", \"15m\"]";
  }
  if (says("inline table") && says("saw '\\n'")) {
    return text + "; { } must close on its line, or write it as a [table]";
  }
  return text + "; the rest of the file was not looked at";
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

std::expected<Node, Complaint> parse_document(std::string_view text) {
  if (const auto at = find_unquoted(text)) {
    const auto line = static_cast<unsigned>(std::ranges::count(text.substr(0, *at), '\n')) + 1;
    return std::unexpected(Complaint{line, "a character outside of ASCII (" +
                                               printable(text.substr(*at, 1)) +
                                               "...) stands without quotes; a text needs quotes "
                                               "like \", and between values only plain spaces"});
  }
  const toml::parse_result parsed = toml::parse(text, std::string_view());
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return std::unexpected(Complaint{error.source().begin.line, syntax_error(error.description())});
  }
  return convert(parsed.table());
}

} // namespace waypost::route
