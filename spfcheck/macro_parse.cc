// The grammar of macro strings and domain-specs: RFC 7208 7.1.
#include <algorithm>

#include "lib/sys/text.h"
#include "spfcheck/macro.h"

namespace waypost::spfcheck {
namespace {

constexpr std::string_view kLetters = "slodiphv";
constexpr std::string_view kLettersOfExplanation = "crt";
constexpr std::string_view kDelimiters = ".-+,/_=";
constexpr unsigned kMostParts = 1000; // more parts than any value has

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
  return is_alpha(c) || is_digit(c);
}

class MacroParser {
public:
  MacroParser(std::string_view text, bool explanation) : text_(text), explanation_(explanation) {}

  std::expected<MacroString, MacroError> run() {
    out_.text = text_;
    while (at_ < text_.size()) {
      const bool good = text_[at_] == '%' ? expand() : literal();
      if (!good) return std::unexpected(error_);
    }
    return std::move(out_);
  }

private:
  bool refuse(std::string why) {
    error_ = {at_, std::move(why)};
    return false;
  }

  void add_literal(std::string_view text) {
    if (out_.parts.empty() || out_.parts.back().letter != 0) out_.parts.emplace_back();
    out_.parts.back().literal += text;
  }

  // macro-literal = %x21-24 / %x26-7E; explanations have spaces as well.
  bool literal() {
    const char c = text_[at_];
    if (c == ' ' && !explanation_) return refuse("a space");
    if (c < ' ' || c > '~') return refuse("a byte that is no visible ASCII character");
    add_literal(text_.substr(at_, 1));
    ++at_;
    return true;
  }

  bool expand() {
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    switch (next) {
    case '%': add_literal("%"); break;
    case '_': add_literal(" "); break;
    case '-': add_literal("%20"); break;
    case '{': return macro();
    default: return refuse("a % that is followed by none of %, _, - and {");
    }
    at_ += 2;
    return true;
  }

  bool letter(MacroPart& part, char c) {
    part.letter = ascii_lower(c);
    part.url = part.letter != c;
    if (kLetters.contains(part.letter)) return true;
    if (!kLettersOfExplanation.contains(part.letter)) return refuse("an unknown macro letter");
    return explanation_ || refuse("a macro that only explanations may have");
  }

  // "%{" macro-letter transformers *delimiter "}"
  bool macro() {
    const std::size_t end = text_.find('}', at_);
    if (end == std::string_view::npos) return refuse("a macro without an end");
    std::string_view inside = text_.substr(at_ + 2, end - at_ - 2);
    if (inside.empty()) return refuse("a macro without a letter");
    MacroPart part;
    if (!letter(part, inside.front())) return false;
    inside.remove_prefix(1);
    bool digits = false;
    for (; !inside.empty() && is_digit(inside.front()); inside.remove_prefix(1), digits = true)
      part.keep = std::min(kMostParts, part.keep * 10 + static_cast<unsigned>(inside[0] - '0'));
    if (digits && part.keep == 0) return refuse("a macro that keeps no part"); // 7.3: nonzero
    part.reverse = !inside.empty() && ascii_lower(inside.front()) == 'r';
    if (part.reverse) inside.remove_prefix(1);
    if (inside.find_first_not_of(kDelimiters) != std::string_view::npos)
      return refuse("a macro with an unknown transformer or delimiter");
    part.delimiters = inside.empty() ? "." : inside;
    out_.parts.push_back(std::move(part));
    at_ = end + 1;
    return true;
  }

  std::string_view text_;
  bool explanation_;
  std::size_t at_ = 0;
  MacroString out_;
  MacroError error_;
};

// Where the literal text behind the last macro-expand begins: "%%", "%_" and "%-" are such too.
std::size_t literal_end(std::string_view text) {
  std::size_t from = 0;
  for (std::size_t at = text.find('%'); at < text.size(); at = text.find('%', from))
    from = text[at + 1] == '{' ? text.find('}', at) + 1 : at + 2;
  return from;
}

// toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
bool is_top_label(std::string_view label) {
  if (label.empty() || !is_alnum(label.front()) || !is_alnum(label.back())) return false;
  if (!std::ranges::all_of(label, [](char c) { return is_alnum(c) || c == '-'; })) return false;
  return !std::ranges::all_of(label, is_digit);
}

} // namespace

bool MacroString::uses(char letter) const {
  return std::ranges::any_of(parts, [=](const MacroPart& one) { return one.letter == letter; });
}

std::expected<MacroString, MacroError> parse_macros(std::string_view text, bool explanation) {
  return MacroParser(text, explanation).run();
}

std::expected<MacroString, MacroError> parse_domain_spec(std::string_view text) {
  if (text.empty()) return std::unexpected(MacroError{0, "no domain"});
  std::expected<MacroString, MacroError> macros = parse_macros(text);
  if (!macros) return macros;
  const std::size_t from = literal_end(text);
  std::string_view tail = text.substr(from);
  if (tail.empty()) return macros;
  if (tail.ends_with('.')) tail.remove_suffix(1);
  const std::size_t dot = tail.rfind('.');
  if (dot == std::string_view::npos)
    return std::unexpected(MacroError{from, "a domain without a dot before its last label"});
  if (!is_top_label(tail.substr(dot + 1)))
    return std::unexpected(MacroError{from + dot + 1, "a last label that no domain has"});
  return macros;
}

} // namespace waypost::spfcheck
