#include "lib/net/hosts_file.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <unistd.h>

#include "lib/sys/fd.h"
#include "lib/sys/text.h"

namespace waypost::net {
namespace {

constexpr std::size_t kMostBytes = std::size_t{4} << 20;

std::string text_of(const std::string& path) {
  std::string text;
  std::array<char, 4096> block;
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  while (file && text.size() < kMostBytes) {
    const ssize_t got = ::read(file.get(), block.data(), block.size());
    if (got <= 0) break;
    text.append(block.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::string_view next_word(std::string_view& line) {
  const std::size_t start = std::min(line.find_first_not_of(" \t\r"), line.size());
  line.remove_prefix(start);
  const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
  line.remove_prefix(word.size());
  return word;
}

bool names(std::string_view line, std::string_view name) {
  for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
    if (equal_ignoring_case(word, name)) return true;
  }
  return false;
}

} // namespace

std::vector<IpAddress> addresses_in_hosts_file(const std::string& path, std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::vector<IpAddress> found;
  const std::string text = text_of(path);
  for (std::string_view rest = text; !rest.empty();) {
    std::string_view line = cut(rest, '\n');
    line = line.substr(0, line.find('#'));
    const auto address = IpAddress::parse(next_word(line));
    const bool fits = address && names(line, name);
    if (fits && std::ranges::find(found, *address) == found.end()) found.push_back(*address);
  }
  return found;
}

} // namespace waypost::net
