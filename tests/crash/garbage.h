// Garbage: what a program writes to another one, made nonsense in its memory while it is stopped at
// the call, and put back when the call has returned.
//
// Only what goes through a pipe or a local socket: what a mail server gets is the network's matter.
// The caller traces the thread.
#pragma once

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "tests/crash/call_kind.h"

class Memory {
public:
  explicit Memory(pid_t thread)
      : fd_(open(("/proc/" + std::to_string(thread) + "/mem").c_str(), O_RDWR | O_CLOEXEC)) {}
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { close(fd_); }

  template <class T>
  T read(std::uint64_t address) const {
    T value{};
    return pread(fd_, &value, sizeof value, static_cast<off_t>(address)) == sizeof value ? value
                                                                                         : T{};
  }
  std::string read(std::uint64_t address, std::size_t size) const {
    std::string bytes(size, '\0');
    const ssize_t n = pread(fd_, bytes.data(), size, static_cast<off_t>(address));
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
  }
  // Also where the program itself may only read.
  void write(std::uint64_t address, const std::string& bytes) const {
    [[maybe_unused]] const ssize_t n =
        pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(address));
  }

private:
  int fd_;
};

struct Piece {
  std::uint64_t address;
  std::string bytes;
};

// Is the other end of this descriptor a process of this machine?
inline bool leads_to_a_program(pid_t thread, std::uint64_t fd) {
  const std::string target = link_in_proc(thread, "fd/" + std::to_string(static_cast<int>(fd)));
  if (target.starts_with("pipe:")) return true;
  if (!target.starts_with("socket:[")) return false;
  const std::string inode = target.substr(8, target.size() - 9);
  const std::string sockets = "/proc/" + std::to_string(thread) + "/net" + "/unix";
  std::FILE* const table = std::fopen(sockets.c_str(), "re");
  if (table == nullptr) return false;
  char line[512];
  bool found = false;
  while (!found && std::fgets(line, sizeof line, table) !=
                       nullptr) { // address: count protocol flags type state inode path
    char number[32] = "";
    found = std::sscanf(line, "%*s %*s %*s %*s %*s %*s %31s", number) == 1 && inode == number;
  }
  std::fclose(table);
  return found;
}

// What this call would write, by where it lies.
inline std::vector<Piece> written_by(const Memory& memory, const user_regs_struct& call) {
  constexpr std::uint64_t kMostVectors = 64;
  std::uint64_t vectors = call.rsi;
  std::uint64_t count = call.rdx;
  if (call.orig_rax == SYS_write || call.orig_rax == SYS_sendto)
    return {{call.rsi, memory.read(call.rsi, call.rdx)}};
  if (call.orig_rax == SYS_sendmsg) {
    const auto message = memory.read<msghdr>(call.rsi);
    vectors = reinterpret_cast<std::uint64_t>(message.msg_iov);
    count = message.msg_iovlen;
  } else if (call.orig_rax != SYS_writev) {
    return {};
  }
  std::vector<Piece> pieces;
  for (std::uint64_t i = 0; i < std::min(count, kMostVectors); ++i) {
    const auto part = memory.read<iovec>(vectors + i * sizeof(iovec));
    const auto at = reinterpret_cast<std::uint64_t>(part.iov_base);
    pieces.push_back({at, memory.read(at, part.iov_len)});
  }
  return pieces;
}

// Bytes of every value, the same for the same seed.
inline void make_noise(std::vector<Piece>& pieces, std::uint64_t seed) {
  std::uint64_t state = seed * 0x9E3779B97F4A7C15ULL + 1;
  for (Piece& piece : pieces)
    for (char& byte : piece.bytes) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      byte = static_cast<char>(state >> 32);
    }
}

// A length that no record has stands where the first one begins.
inline void make_too_long(std::vector<Piece>& pieces) {
  std::size_t left = 12;
  for (Piece& piece : pieces) {
    const std::size_t n = std::min(left, piece.bytes.size());
    std::fill_n(piece.bytes.begin(), n, '9');
    left -= n;
  }
}
