// Where in the queue manager a sync was called, told from the message file that it is about
// (waypost-spool(5)): its last history entry says what was written down, its marks what is owed.
//
//   outcome    an attempt's outcomes and marks
//   owed       which recipients the next notice tells of, before that notice is made
//   told       that the notice was made
//   decision   held, released, dropped, bounced by a person
#pragma once

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>

inline std::string content_of(const std::string& path) {
  std::string all;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return all;
  std::array<char, 65536> some{};
  for (ssize_t got = 0; (got = read(fd, some.data(), some.size())) > 0;)
    all.append(some.data(), static_cast<size_t>(got));
  close(fd);
  return all;
}

// A number of the head; 0 where there is none.
inline size_t head_number(std::string_view head, std::string_view key) {
  const size_t at = head.find(key);
  return at == std::string_view::npos ? 0
                                      : std::strtoul(head.data() + at + key.size(), nullptr, 10);
}

// Empty when it is no message file, or has no history.
inline std::string_view place_of(const std::string& path) {
  constexpr size_t head_size = 512;
  const std::string all = content_of(path);
  const std::string_view file = all;
  if (file.size() < head_size || !file.starts_with("waypost-message ")) return {};
  const std::string_view head = file.substr(0, head_size);
  const size_t marks_at =
      head_size + head_number(head, "\nmessage ") + head_number(head, "\nenvelope ");
  const size_t count = head_number(head, "\nrecipients ");
  if (marks_at + count >= file.size()) return {};
  const std::string_view marks = file.substr(marks_at, count);
  const std::string_view history = file.substr(marks_at + count);
  const size_t last = history.rfind("kind=");
  if (last == std::string_view::npos) return {};
  const std::string_view entry = history.substr(last + 5);
  const std::string_view kind = entry.substr(0, entry.find('\0'));
  if (kind == "attempt") return "outcome";
  if (kind != "notice") return "decision";
  return marks.find_first_of("FS") == std::string_view::npos ? "told" : "owed";
}
