// A message on a pipe, as waypost-lspawn hands it to waypost-local, and a folder for what comes of
// it.
#pragma once

#include <criterion/criterion.h>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>
#include <vector>

#include "lib/sys/fd.h"
#include "local/letter.h"

namespace waypost::test {

class Folder {
public:
  Folder() {
    char name[] = "/tmp/waypost-unit-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string at(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(at(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(at(name), std::ios::binary) << text;
  }
  [[nodiscard]] std::vector<std::string> names(const std::string& folder = ".") const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(at(folder)))
      all.push_back(entry.path().filename());
    return all;
  }

private:
  std::string path_;
};

// `bytes` on a pipe, announced as `length` long.
class Post {
public:
  explicit Post(const std::string& bytes) : Post(bytes, bytes.size()) {}
  Post(const std::string& bytes, std::uint64_t length) {
    int ends[2];
    cr_assert_eq(::pipe2(ends, O_CLOEXEC), 0);
    read_ = Fd(ends[0]);
    const Fd write_end(ends[1]);
    cr_assert_eq(::write(write_end.get(), bytes.data(), bytes.size()),
                 static_cast<ssize_t>(bytes.size()), "it fits into a pipe");
    letter_.emplace(read_.get(), length);
  }
  local::Letter& letter() { return *letter_; }

private:
  Fd read_;
  std::optional<local::Letter> letter_;
};

inline local::LocalEnvelope envelope(const char* recipient = "alice+x@here.test",
                                     const char* sender = "bob@home.test") {
  local::LocalEnvelope one;
  one.id = "1j0q8gopq5c4boo2";
  one.sender = *Address::parse(sender);
  one.recipient = *Address::parse(recipient);
  one.mailbox = "alice";
  return one;
}

} // namespace waypost::test
