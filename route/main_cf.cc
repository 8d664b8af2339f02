#include "route/main_cf.h"

#include <algorithm>

#include "lib/sys/text.h"

namespace waypost::route {
namespace {

constexpr int kDeepest = 8;
constexpr int kMostNames = 1000;
constexpr std::size_t kLongest = 4096;

struct LogicalLine {
  std::string text;
  unsigned line = 0;
};

std::vector<LogicalLine> logical_lines(std::string_view text) {
  std::vector<LogicalLine> lines;
  unsigned number = 0;
  while (!text.empty()) {
    ++number;
    std::string_view line = cut(text, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string_view words = trim(line);
    if (words.empty() || words.front() == '#') continue;
    const bool goes_on = line.front() == ' ' || line.front() == '\t';
    if (goes_on && !lines.empty()) {
      lines.back().text += " " + std::string(words);
    } else if (!goes_on) {
      lines.push_back({std::string(words), number});
    }
  }
  return lines;
}

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The name behind a "$", taken off `rest`.
std::string_view take_name(std::string_view& rest) {
  const char close = rest.starts_with('{') ? '}' : rest.starts_with('(') ? ')' : '\0';
  if (close != '\0') {
    rest.remove_prefix(1);
    return cut(rest, close);
  }
  const auto end = std::ranges::find_if_not(rest, is_name);
  const std::string_view name = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(name.size());
  return name;
}

// `left`: how many names may still be replaced. A few levels deep is not enough of a bound: what
// names itself many times would take for ever.
std::string expand(std::string_view value, const PostfixParameters& all, int depth, int& left) {
  std::string text;
  while (!value.empty() && text.size() < kLongest) {
    const std::size_t dollar = std::min(value.find('$'), value.size());
    text += value.substr(0, dollar);
    value.remove_prefix(dollar);
    if (value.empty()) break;
    value.remove_prefix(1);
    if (value.starts_with('$')) {
      text += '$';
      value.remove_prefix(1);
      continue;
    }
    const auto found = all.find(take_name(value));
    if (found == all.end() || depth >= kDeepest || --left < 0) continue;
    text += expand(found->second.value, all, depth + 1, left);
  }
  return text.substr(0, kLongest);
}

} // namespace

PostfixParameters parse_main_cf(std::string_view text) {
  PostfixParameters all;
  for (const LogicalLine& one : logical_lines(text)) {
    const std::size_t sign = one.text.find('=');
    if (sign == std::string::npos) continue;
    const std::string_view whole = one.text;
    all[std::string(trim(whole.substr(0, sign)))] = {std::string(trim(whole.substr(sign + 1))),
                                                     one.line};
  }
  return all;
}

std::string expand_main_cf(std::string_view value, const PostfixParameters& all) {
  int left = kMostNames;
  return expand(value, all, 0, left);
}

std::vector<std::string> postfix_words(std::string_view value) {
  std::string text(value);
  std::ranges::replace_if(text, [](char c) { return c == ' ' || c == '\t'; }, ',');
  std::vector<std::string> words;
  for (const std::string_view one : split(text, ','))
    if (!one.empty()) words.emplace_back(one);
  return words;
}

NextHop postfix_next_hop(std::string_view text) {
  NextHop hop;
  if (text.starts_with('[')) {
    text.remove_prefix(1);
    std::string_view host = cut(text, ']');
    if (ascii_lower(host.substr(0, 5)) == "ipv6:") host.remove_prefix(5);
    hop.host = host;
    if (text.starts_with(':')) hop.port = text.substr(1);
    return hop;
  }
  hop.host = cut(text, ':');
  hop.port = text;
  hop.by_mx = true;
  return hop;
}

std::vector<PostfixEntry> parse_postfix_table(std::string_view text) {
  std::vector<PostfixEntry> entries;
  for (const LogicalLine& one : logical_lines(text)) {
    const std::string_view whole = one.text;
    const std::size_t end = std::min(whole.find_first_of(" \t"), whole.size());
    entries.push_back(
        {std::string(whole.substr(0, end)), std::string(trim(whole.substr(end))), one.line});
  }
  return entries;
}

} // namespace waypost::route
