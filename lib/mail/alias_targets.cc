// What an alias stands for: addresses, commands, files and included lists.
#include <algorithm>

#include "lib/mail/address.h"
#include "lib/mail/alias_file.h"
#include "lib/mail/alias_scanner.h"
#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr std::string_view kInclude = ":include:";

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c == 0x7F || (c >= 0 && c < 0x20); });
}

// Commands and files become the local part of an address: they must fit into one.
Result<AliasTarget> as_recipient(AliasTarget target) {
  if (has_control(target.text)) return fail("a control character in " + printable(target.text));
  const Result<Address> fits = Address::parse(local_part_of(target) + "@localhost");
  if (!fits) return fail(printable(target.text) + " is longer than an address may be");
  return target;
}

Result<AliasTarget> command(std::string_view text) {
  text = trim(text);
  // |"prog arg" is as good as "|prog arg".
  std::string_view rest = text;
  const std::optional<std::string> whole = take_quoted(rest);
  std::string plain = whole && rest.empty() ? *whole : std::string(text);
  const Result<std::vector<std::string>> words = split_command(plain);
  if (!words) return std::unexpected(words.error());
  return as_recipient({AliasTarget::Kind::command, std::move(plain)});
}

Result<AliasTarget> include(std::string_view path) {
  path = trim(path);
  if (!path.starts_with('/')) return fail(":include: wants an absolute path");
  if (has_control(path)) return fail("a control character in " + printable(path));
  return AliasTarget{AliasTarget::Kind::include, std::string(path)};
}

Result<AliasTarget> address(std::string_view text) {
  // Somebody <somebody@example.org>
  if (text.ends_with('>')) {
    const std::size_t open = text.rfind('<');
    if (open == std::string_view::npos) return fail("bad address: " + printable(text));
    text = trim(text.substr(open + 1, text.size() - open - 2));
  }
  const std::string_view plain = text.starts_with('\\') ? text.substr(1) : text;
  const Result<Address> parsed = Address::parse(plain);
  if (!parsed) return std::unexpected(parsed.error());
  if (parsed->null()) return fail("an empty address");
  return AliasTarget{AliasTarget::Kind::address, std::string(text)};
}

Result<AliasTarget> special(std::string_view text) {
  if (text.starts_with('|')) return command(text.substr(1));
  if (text.starts_with('/')) return as_recipient({AliasTarget::Kind::file, std::string(text)});
  if (equal_ignoring_case(text.substr(0, kInclude.size()), kInclude))
    return include(text.substr(kInclude.size()));
  if (text.starts_with(':')) return fail(printable(text) + " is not known here");
  return address(text);
}

Result<AliasTarget> target(std::string_view item) {
  std::string_view rest = item;
  const std::optional<std::string> plain = take_quoted(rest);
  if (plain && rest.empty()) return special(trim(*plain));
  return special(item);
}

} // namespace

Result<std::vector<AliasTarget>> parse_alias_targets(std::string_view text) {
  std::vector<AliasTarget> all;
  while (!text.empty()) {
    const std::string_view item = trim(take_item(text));
    if (item.empty()) continue; // a comma at the end of a line
    Result<AliasTarget> one = target(item);
    if (!one) return std::unexpected(one.error());
    all.push_back(std::move(*one));
  }
  return all;
}

Result<std::vector<AliasTarget>> parse_alias_list(std::string_view text) {
  std::vector<AliasTarget> all;
  unsigned number = 0;
  while (!text.empty()) {
    std::string_view line = cut(text, '\n');
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    Result<std::vector<AliasTarget>> some = parse_alias_targets(trim(without_comment(line)));
    if (!some) return fail("line " + std::to_string(number) + ": " + some.error().text);
    all.insert(all.end(), some->begin(), some->end());
  }
  return all;
}

Result<std::vector<std::string>> split_command(std::string_view command) {
  std::vector<std::string> words;
  std::string_view rest = trim(command);
  while (!rest.empty()) {
    std::string word;
    while (!rest.empty() && rest.front() != ' ' && rest.front() != '\t') {
      const char c = rest.front();
      const std::size_t quote = c == '\'' ? rest.find('\'', 1) : std::string_view::npos;
      if (c == '"') {
        const std::optional<std::string> part = take_quoted(rest);
        if (!part) return fail("a quote without an end in the command " + printable(command));
        word += *part;
        continue;
      }
      if (c == '\'') {
        if (quote == std::string_view::npos)
          return fail("a quote without an end in the command " + printable(command));
        word += rest.substr(1, quote - 1);
        rest.remove_prefix(quote + 1);
        continue;
      }
      if (std::string_view("|&;<>()$`*?[").find(c) != std::string_view::npos)
        return fail(std::string("no shell reads the command, and ") + c +
                    " is a shell's: put it into a script, or into quotes");
      if (c == '\\' && rest.size() > 1) rest.remove_prefix(1);
      word += rest.front();
      rest.remove_prefix(1);
    }
    words.push_back(std::move(word));
    rest = trim(rest);
  }
  if (words.empty()) return fail("a bar without a command");
  if (!words.front().starts_with('/'))
    return fail("the command " + printable(words.front()) + " is no absolute path");
  return words;
}

} // namespace waypost
