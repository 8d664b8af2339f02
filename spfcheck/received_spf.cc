#include "spfcheck/received_spf.h"

#include <algorithm>

#include "lib/sys/text.h"
#include "spfcheck/names.h"

namespace waypost::spfcheck {
namespace {

constexpr std::size_t kFoldAt = 78;       // RFC 5322 2.1.1
constexpr std::size_t kMostOfValue = 230; // four times that is below 998, with its key

bool is_atext(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c);
}

bool is_dot_atom(std::string_view text) {
  return std::ranges::all_of(split(text, '.'), [](std::string_view atom) {
    return !atom.empty() && std::ranges::all_of(atom, is_atext);
  });
}

// A backslash before each of `special`; what is no printable text comes as \xNN.
std::string quoted(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : printable(utf8_prefix(text, kMostOfValue))) {
    if (special.contains(c)) out += '\\';
    out += c;
  }
  return out;
}

std::string value_of(std::string_view text) {
  return is_dot_atom(text) ? std::string(text) : "\"" + quoted(text, "\"\\") + "\"";
}

std::string comment_of(const CheckResult& result, const Query& query) {
  const std::string ip = query.ip.text();
  const std::string domain = "domain of " + query.sender;
  switch (result.result) {
  case SpfResult::pass: return domain + " designates " + ip + " as permitted sender";
  case SpfResult::fail: return domain + " does not designate " + ip + " as permitted sender";
  case SpfResult::softfail:
    return "transitioning " + domain + " does not designate " + ip + " as permitted sender";
  case SpfResult::neutral: return ip + " is neither permitted nor denied by " + domain;
  case SpfResult::none: return domain + " does not designate permitted sender hosts";
  case SpfResult::temperror: return "temporary error for " + domain;
  case SpfResult::permerror: return "permanent error for " + domain;
  }
  return {};
}

// Words are kept whole; a line begins with a space.
class Folder {
public:
  void add(const std::string& word) {
    if (column_ + 1 + word.size() > kFoldAt) {
      out_ += "\n";
      column_ = 0;
    }
    out_ += " " + word;
    column_ += 1 + word.size();
  }
  void start(const std::string& name) {
    out_ = name;
    column_ = name.size();
  }
  [[nodiscard]] std::string str() const { return out_; }

private:
  std::string out_;
  std::size_t column_ = 0;
};

} // namespace

std::string received_spf(const CheckResult& result, const Query& query, const std::string& sender) {
  const bool helo = sender.empty() || sender == "<>";
  const bool error = result.result == SpfResult::temperror || result.result == SpfResult::permerror;
  Folder header;
  header.start("Received-SPF:");
  header.add(name_of(result.result));
  const std::string comment =
      "(" + quoted(query.receiver + ": " + comment_of(result, query), "()\\") + ")";
  for (const std::string_view word : split(comment, ' '))
    header.add(std::string(word));
  std::string pairs = "receiver=" + value_of(query.receiver) + ";";
  const auto pair = [&](const std::string& key, std::string_view value) {
    if (value.empty()) return;
    header.add(pairs);
    pairs = key + "=" + value_of(value) + ";";
  };
  pair("client-ip", query.ip.text());
  pair("envelope-from", helo ? std::string() : sender);
  pair("helo", query.helo);
  pair("mechanism", result.result == SpfResult::neutral && result.mechanism.empty()
                        ? "default"
                        : result.mechanism);
  pair("problem", error ? result.why : std::string());
  pair("identity", helo ? "helo" : "mailfrom");
  pairs.pop_back();
  header.add(pairs);
  return header.str();
}

} // namespace waypost::spfcheck
