// Complaints: what is wrong in a configuration file, each with its line, all of them in one run.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace waypost::route {

struct Complaint {
  unsigned line = 0;
  std::string text; // what is wrong, and what would be right
};

class Complaints {
public:
  void add(unsigned line, std::string text) { all_.push_back({line, std::move(text)}); }
  [[nodiscard]] bool empty() const { return all_.empty(); }
  // By line; what stands on one line keeps the order in which it was found.
  [[nodiscard]] std::vector<Complaint> sorted() const;

private:
  std::vector<Complaint> all_;
};

// `word` in quotes and safe to print; cut when it is long.
[[nodiscard]] std::string quoted(std::string_view word);

// "; did you mean "smtp"?" when one of `known` is close to `word`, else "".
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string_view> known);

// What is wrong, and what would be right, joined into one text: "WRONG; write RIGHT".
[[nodiscard]] std::string and_write(std::string wrong, std::string_view right);

// "a", "b" or "c": each in quotes.
[[nodiscard]] std::string one_of_words(std::span<const std::string_view> words);

} // namespace waypost::route
