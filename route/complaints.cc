#include "route/complaints.h"

#include <algorithm>

#include "lib/sys/nearest_word.h"
#include "lib/sys/text.h"

namespace waypost::route {

std::vector<Complaint> Complaints::sorted() const {
  std::vector<Complaint> all = all_;
  std::ranges::stable_sort(all, {}, &Complaint::line);
  return all;
}

std::string quoted(std::string_view word) {
  constexpr std::size_t kMost = 80;
  std::string text = "\"" + printable(word.substr(0, kMost)) + "\"";
  if (word.size() > kMost) text += "...";
  return text;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  const std::optional<std::string_view> nearest = nearest_word(word, known);
  return nearest ? "; did you mean " + quoted(*nearest) + "?" : std::string();
}

std::string and_write(std::string wrong, std::string_view right) {
  wrong += wrong.ends_with('?') ? " Write " : "; write ";
  wrong += right;
  return wrong;
}

std::string one_of_words(std::span<const std::string_view> words) {
  std::string all;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) all += i + 1 == words.size() ? " or " : ", ";
    all += quoted(words[i]);
  }
  return all;
}

} // namespace waypost::route
