// TestFile: a file with some text, for the life of a test.
#pragma once

#include <string>

namespace waypost::test {

class TestFile {
public:
  explicit TestFile(const std::string& text);
  TestFile(const TestFile&) = delete;
  TestFile& operator=(const TestFile&) = delete;
  ~TestFile();
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_;
};

} // namespace waypost::test
