// Effective settings as a waypost.toml with comments, and as JSON.
#include "route/effective.h"

#include <algorithm>
#include <set>

#include "lib/sys/json.h"
#include "lib/sys/text.h"

namespace waypost::route {
namespace {

constexpr std::size_t kValueWidth = 48;

class TextOutput {
public:
  explicit TextOutput(std::string_view path) : file_(path.substr(path.rfind('/') + 1)) {}

  void key(const EffectiveKey& one, const std::string& type) {
    if (!one.value) {
      out_ += "# " + one.name + " is not set" +
              (one.fallback.empty() ? "" : "; default: " + one.fallback) + "\n";
      return;
    }
    line(one.name + " = " + written(*one.value), origin(one, type));
  }

  void table(const EffectiveTable& one) {
    out_ += "\n";
    line(one.header, one.line == 0 ? "always there" : at(one.line));
    for (const EffectiveKey& each : one.keys)
      key(each, one.type);
  }

  void comment(const std::string& text) { out_ += "# " + printable(text) + "\n"; }
  void blank() { out_ += "\n"; }
  [[nodiscard]] std::string take() { return std::move(out_); }

private:
  [[nodiscard]] std::string at(unsigned line) const {
    return printable(file_) + ":" + std::to_string(line);
  }

  [[nodiscard]] std::string origin(const EffectiveKey& one, const std::string& type) const {
    switch (one.source) {
    case Source::standard: return "default" + (in_words(one) ? ": " + one.fallback : "");
    case Source::type: return "built in to type " + type;
    case Source::defaults: return "[defaults] at " + at(one.line);
    case Source::file: return at(one.line);
    }
    return {};
  }

  // A default that stands in the file as a value says nothing more than the value.
  static bool in_words(const EffectiveKey& one) {
    constexpr std::string_view kValues = "\"[0123456789";
    return !one.fallback.empty() && kValues.find(one.fallback.front()) == std::string_view::npos &&
           one.fallback != "true" && one.fallback != "false";
  }

  void line(std::string text, const std::string& origin) {
    text.resize(std::max(text.size() + 2, kValueWidth), ' ');
    out_ += text + "# " + origin + "\n";
  }

  std::string_view file_;
  std::string out_;
};

std::string_view word(Source source) {
  switch (source) {
  case Source::standard: return "default";
  case Source::type: return "type";
  case Source::defaults: return "defaults";
  case Source::file: return "file";
  }
  return {};
}

std::string key_json(JsonObject object, const EffectiveKey& one, std::string_view path) {
  object.text("key", one.name).raw("value", one.value ? written(*one.value) : "null");
  object.text("origin", word(one.source)).some_text("default", one.fallback);
  if (one.line == 0) return object.null("file").null("line").str() + "\n";
  return object.text("file", path).number("line", one.line).str() + "\n";
}

// A domain's or an account's table stands before its rules: the rules of domains go in the order in
// which the domains are first named.
class NamedTables {
public:
  using Name = std::string EffectiveTable::*;
  NamedTables(const std::vector<EffectiveTable>& all, Name name, TextOutput& out)
      : all_(all),
        name_(name),
        out_(out) {}

  void before_rule(const EffectiveTable& rule) {
    if (!(rule.*name_).empty()) print(std::ranges::find(all_, rule.*name_, name_));
  }
  void rest() {
    for (auto one = all_.begin(); one != all_.end(); ++one)
      print(one);
  }

private:
  void print(std::vector<EffectiveTable>::const_iterator one) {
    if (one == all_.end() || !printed_.insert((*one).*name_).second) return;
    out_.table(*one);
  }

  const std::vector<EffectiveTable>& all_;
  Name name_;
  TextOutput& out_;
  std::set<std::string_view> printed_;
};

} // namespace

std::string effective_text(const Effective& all, std::string_view path) {
  TextOutput out(path);
  out.comment(path.empty() ? std::string("The defaults: there is no waypost.toml.")
                           : "What " + std::string(path) + " says, every key with its origin.");
  out.comment("This is itself a waypost.toml, and means the same.");
  out.blank();
  for (const EffectiveKey& one : all.settings)
    out.key(one, {});
  for (const EffectiveTable& one : all.transports)
    out.table(one);
  NamedTables accounts(all.accounts, &EffectiveTable::account, out);
  NamedTables domains(all.domains, &EffectiveTable::domain, out);
  for (const EffectiveTable& one : all.rules) {
    accounts.before_rule(one);
    domains.before_rule(one);
    out.table(one);
  }
  accounts.rest();
  domains.rest();
  return out.take();
}

std::string effective_json(const Effective& all, std::string_view path) {
  const std::string rule_at = std::string(path.substr(path.rfind('/') + 1)) + ":";
  std::string out;
  for (const EffectiveKey& one : all.settings)
    out += key_json(std::move(JsonObject().text("section", "file")), one, path);
  for (const EffectiveTable& table : all.transports) {
    for (const EffectiveKey& one : table.keys) {
      JsonObject object;
      object.text("section", "transport").text("transport", table.transport);
      out += key_json(std::move(object), one, path);
    }
  }
  for (const EffectiveTable& table : all.domains) {
    for (const EffectiveKey& one : table.keys) {
      JsonObject object;
      object.text("section", "domain").text("domain", table.domain);
      out += key_json(std::move(object), one, path);
    }
  }
  for (const EffectiveTable& table : all.accounts) {
    for (const EffectiveKey& one : table.keys) {
      JsonObject object;
      object.text("section", "account").text("account", table.account);
      out += key_json(std::move(object), one, path);
    }
  }
  for (const EffectiveTable& table : all.rules) {
    for (const EffectiveKey& one : table.keys) {
      JsonObject object;
      object.text("section", "route")
          .text("table", table.header)
          .text("rule", rule_at + std::to_string(table.line));
      out += key_json(std::move(object), one, path);
    }
  }
  return out;
}

} // namespace waypost::route
