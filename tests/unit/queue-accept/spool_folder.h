// A spool in a folder of the test's own, which goes with it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace waypost::test {

class SpoolFolder {
public:
  SpoolFolder() {
    char name[] = "/tmp/waypost-unit-XXXXXX";
    path_ = ::mkdtemp(name);
    for (const char* folder : {"/new", "/tmp", "/cur", "/bad"})
      std::filesystem::create_directory(path_ + folder);
    // The machine's /tmp may be a tmpfs.
    write("/allow-unsafe-fs", "");
  }
  ~SpoolFolder() { std::filesystem::remove_all(path_); }
  SpoolFolder(const SpoolFolder&) = delete;
  SpoolFolder& operator=(const SpoolFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path_ + name, std::ios::binary) << bytes;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(path_ + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::vector<std::string> names(const std::string& folder) const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(path_ + folder))
      all.push_back(entry.path().filename());
    return all;
  }

private:
  std::string path_;
};

} // namespace waypost::test
