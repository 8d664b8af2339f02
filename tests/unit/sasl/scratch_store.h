// A store in a folder of the test's own.
#pragma once

#include <criterion/criterion.h>
#include <filesystem>
#include <string>

#include "sasl/store.h"

namespace waypost::test {

class ScratchFolder {
public:
  ScratchFolder() {
    char name[] = "/tmp/waypost-unit-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] std::string credentials() const { return path_ + "/credentials"; }
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_;
};

// What the store gives for a name; "error: ..." when it gives none.
inline std::string secret_in(const sasl::Store& store, std::string_view name) {
  const auto credential = store.read(name);
  if (!credential) return "error: " + credential.error().text;
  const auto secret = store.open(*credential);
  return secret ? std::string(sasl::view(*secret)) : "error: " + secret.error().text;
}

} // namespace waypost::test
