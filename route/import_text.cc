#include "route/import_text.h"

#include <algorithm>
#include <ranges>
#include <vector>

#include "lib/sys/text.h"
#include "route/configuration.h"

namespace waypost::route {
namespace {

// A line of the file; a block is a table's header with the lines behind it, or what stands before
// all tables.
struct Line {
  std::string text;
  bool header = false;
};

std::string comment(const std::string& text) {
  return "# " + printable(text);
}

class File {
public:
  void add_comment(const std::string& text) { lines_.push_back({comment(text), false}); }
  void add_empty() { lines_.push_back({}); }
  void add_header(std::string text) { lines_.push_back({std::move(text), true}); }
  // A value that TOML cannot write as it came, with a control in it, is a comment.
  void add_key(const ImportedKey& key) {
    if (!key.origin.empty() && key.origin != origin_) add_comment(key.origin);
    origin_ = key.origin;
    lines_.push_back({key.name + " = " + written(key.value), false});
  }
  void forget_origin(const std::string& origin) { origin_ = origin; }

  [[nodiscard]] std::string text() const {
    std::string all;
    for (const Line& line : lines_)
      all += line.text + "\n";
    return all;
  }

  // Makes a comment of the line that is complained of, or of the whole table when it is its
  // header. False: nothing is left to take away.
  bool take_away(const Complaint& complaint) {
    std::size_t at = std::min<std::size_t>(complaint.line, lines_.size());
    while (at > 0 && !says_something(lines_[at - 1]))
      --at; // an error of syntax may be seen behind its line
    if (at == 0) return false;
    --at;
    const bool whole = lines_[at].header;
    std::size_t end = at + 1;
    while (whole && end < lines_.size() && !lines_[end].header)
      ++end;
    for (std::size_t i = at; i < end; ++i)
      if (says_something(lines_[i])) lines_[i] = {comment(lines_[i].text), false};
    lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(at),
                  {comment("not taken over: " + complaint.text), false});
    return true;
  }

private:
  static bool says_something(const Line& line) {
    return !line.text.empty() && !line.text.starts_with('#');
  }

  std::vector<Line> lines_;
  std::string origin_;
};

void add_table(File& file, const std::string& header, const ImportedTable& table) {
  file.add_empty();
  file.add_comment(table.origin);
  file.forget_origin(table.origin);
  file.add_header(header);
  for (const ImportedKey& key : table.keys)
    file.add_key(key);
}

void add_secrets(File& file, const std::vector<std::string>& secrets) {
  if (secrets.empty()) return;
  file.add_empty();
  file.add_comment(
      "The passwords are not in this file. Each is handed to the sealed store once, as root:");
  for (const std::string& one : secrets)
    file.add_comment("  " + one);
}

File file_of(const ImportDraft& draft, const std::string& what) {
  File file;
  file.add_comment("waypost.toml, as waypost-config import has made it of " + what + ".");
  file.add_comment(
      "A comment above a key says where it comes from. Look at it, then: waypost-config check");
  add_secrets(file, draft.secrets);
  if (!draft.notes.empty()) {
    file.add_empty();
    file.add_comment("Not taken over, since waypost has no equal or cannot know:");
  }
  for (const std::string& one : draft.notes)
    file.add_comment("  " + one);
  file.add_empty();
  for (const ImportedKey& key : draft.settings)
    file.add_key(key);
  for (const ImportedTable& one : draft.transports)
    add_table(file, "[transport." + quoted(one.name) + "]", one);
  for (const ImportedTable& one : draft.rules)
    add_table(file, "[[route]]", one);
  return file;
}

} // namespace

Result<std::string> import_text(const ImportDraft& draft, const std::string& what) {
  File file = file_of(draft, what);
  for (;;) {
    std::string text = file.text();
    const auto good = configure(text, "waypost.toml");
    if (good) return text;
    // From the last to the first, so that their lines stay where they are; each line once.
    bool any = false;
    unsigned last = 0;
    for (const Complaint& one : good.error() | std::views::reverse) {
      if (one.line != last) any = file.take_away(one) || any;
      last = one.line;
    }
    const Complaint& first = good.error().front();
    if (!any)
      return fail("what was to be written is wrong, in line " + std::to_string(first.line) + ": " +
                  first.text); // a fuzzer shows that it never comes here
  }
}

} // namespace waypost::route
