#include "lib/mail/alias_file.h"

#include <algorithm>

#include "lib/mail/alias_scanner.h"
#include "lib/sys/text.h"

namespace waypost {
namespace {

bool begins_with_space(std::string_view line) {
  return !line.empty() && (line.front() == ' ' || line.front() == '\t');
}

// A name in quotes, or up to the colon; the rest begins behind the colon.
Result<std::string> take_name(std::string_view& rest) {
  std::string name;
  if (rest.starts_with('"')) {
    const std::optional<std::string> quoted = take_quoted(rest);
    if (!quoted) return fail("the name's quote has no end");
    name = *quoted;
    rest = trim(rest);
    if (!rest.starts_with(':')) return fail("no colon behind the name");
    rest.remove_prefix(1);
  } else {
    const std::size_t colon = rest.find(':');
    if (colon == std::string_view::npos) return fail("no colon behind the name");
    name = trim(rest.substr(0, colon));
    rest.remove_prefix(colon + 1);
    if (name.find_first_of(" \t\"") != std::string::npos)
      return fail("a name with a space or a quote in it needs quotes around it");
  }
  if (name.empty()) return fail("no name before the colon");
  if (name.find('@') != std::string::npos)
    return fail("a name with a domain: aliases hold for all local domains, write the name alone");
  return ascii_lower(name);
}

} // namespace

AliasFile AliasFile::parse(std::string_view text) {
  AliasFile file;
  std::string entry;
  unsigned begun = 0;
  unsigned number = 0;
  const auto finish = [&] {
    if (!entry.empty()) file.take(entry, begun);
    entry.clear();
  };
  while (!text.empty()) {
    std::string_view line = cut(text, '\n');
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string_view inside = trim(without_comment(line));
    if (inside.empty()) continue; // also between the lines of one entry
    if (begins_with_space(line)) {
      if (entry.empty()) {
        file.errors_.push_back({number, "a line that goes on, with nothing before it"});
        continue;
      }
      entry += ' ';
    } else {
      finish();
      begun = number;
    }
    entry += inside;
  }
  finish();
  std::ranges::stable_sort(file.errors_, {}, &Wrong::line);
  return file;
}

void AliasFile::take(std::string_view entry, unsigned line) {
  std::string_view rest = entry;
  Result<std::string> name = take_name(rest);
  if (!name) {
    errors_.push_back({line, name.error().text});
    return;
  }
  Alias alias{std::move(*name), line, {}, {}};
  Result<std::vector<AliasTarget>> targets = parse_alias_targets(rest);
  if (targets && targets->empty()) targets = fail("nothing behind the colon");
  if (targets) {
    alias.targets = std::move(*targets);
  } else {
    alias.error = targets.error().text;
    errors_.push_back({line, alias.error});
  }
  const auto [at, fresh] = aliases_.try_emplace(alias.name, alias);
  if (fresh) return;
  errors_.push_back({line, printable(alias.name) + " stands on line " +
                               std::to_string(at->second.line) + " already, which holds"});
}

const Alias* AliasFile::find(std::string_view name) const {
  const auto at = aliases_.find(ascii_lower(name));
  return at == aliases_.end() ? nullptr : &at->second;
}

bool AliasFile::names(const AliasTarget& target) const {
  const bool runs = target.kind == AliasTarget::Kind::command;
  if (!runs && target.kind != AliasTarget::Kind::file) return false;
  return std::ranges::any_of(aliases_, [&](const auto& one) {
    return std::ranges::find(one.second.targets, target) != one.second.targets.end();
  });
}

std::string local_part_of(const AliasTarget& target) {
  const bool runs = target.kind == AliasTarget::Kind::command;
  const std::string plain = (runs ? "|" : "") + target.text;
  std::string quoted = "\"";
  for (const char c : plain) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::optional<AliasTarget> target_of_local_part(std::string_view local) {
  std::string plain = unquoted_local_part(local);
  if (plain.starts_with('|')) return AliasTarget{AliasTarget::Kind::command, plain.substr(1)};
  if (plain.starts_with('/')) return AliasTarget{AliasTarget::Kind::file, std::move(plain)};
  return std::nullopt;
}

std::string unquoted_local_part(std::string_view local) {
  std::string_view rest = local;
  const std::optional<std::string> plain = take_quoted(rest);
  return plain && rest.empty() ? *plain : std::string(local);
}

} // namespace waypost
