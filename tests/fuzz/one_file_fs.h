// OneFileFs: a file system of one file in memory, for fuzzers of what reads it.
#pragma once

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <string>

#include "lib/sys/fs.h"

namespace waypost::test {

class OneFileFs final : public Fs {
public:
  explicit OneFileFs(std::string bytes) : bytes_(std::move(bytes)) {}

  Result<Fd> open_at(int, const std::string&, int, mode_t) override {
    return Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
  Result<Fd> open_unnamed(int, mode_t) override { return no<Fd>(); }
  Result<> link_at(int, int, const std::string&) override { return no<void>(); }
  Result<> rename_at(int, const std::string&, int, const std::string&) override {
    return no<void>();
  }
  Result<> unlink_at(int, const std::string&) override { return no<void>(); }
  Result<> make_directory(int, const std::string&, mode_t) override { return no<void>(); }
  Result<> write_all(int, std::string_view) override { return no<void>(); }
  Result<> write_at(int, std::string_view some, std::uint64_t offset) override {
    if (bytes_.size() < offset + some.size()) bytes_.resize(offset + some.size());
    bytes_.replace(offset, some.size(), some);
    return {};
  }
  Result<std::size_t> read_at(int, std::span<char> into, std::uint64_t offset) override {
    if (offset >= bytes_.size()) return std::size_t{0};
    const std::size_t n = std::min<std::size_t>(into.size(), bytes_.size() - offset);
    std::memcpy(into.data(), bytes_.data() + offset, n);
    return n;
  }
  Result<> truncate(int, std::uint64_t length) override {
    bytes_.resize(length);
    return {};
  }
  Result<> sync(int) override { return {}; }
  Result<> sync_data(int) override { return {}; }
  Result<struct stat> status(int) override {
    struct stat st{};
    st.st_mode = S_IFREG | 0600;
    st.st_nlink = 1;
    st.st_size = static_cast<off_t>(bytes_.size());
    return st;
  }
  Result<FreeSpace> free_space(int) override { return no<FreeSpace>(); }
  Result<> list(int, const std::function<bool(const char*)>&) override { return no<void>(); }

private:
  template <class T>
  static Result<T> no() {
    return fail_errno("no such thing here", ENOSYS);
  }
  std::string bytes_;
};

} // namespace waypost::test
