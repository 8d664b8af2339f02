// Confinement: what a program may still do after its first lines, said in one line of its main.
//
//   confine({.may = May::accept | May::threads, .read = {home.etc}, .write = {home.spool}});
//
// Whoever reads these lines has reviewed the privileges of the tree: waypost-privilege(7). What was
// not promised is answered EPERM or EACCES by the kernel, for good, and for all that the process
// forks or executes. Every program may use the descriptors that it has, memory, clocks, signals to
// itself, and poll. Beside that seccomp keeps the families of system calls (system_calls.h), and
// Landlock the names of files and the TCP ports (landlock.h). The process also becomes one that
// nobody traces or dumps, and that gains nothing by set-id bits. A kernel that lacks one of the
// two, or knows less of it, takes away less: mail moves all the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/sys/error.h"

namespace waypost {

// Families of system calls, or-ed together.
enum class May : std::uint32_t {
  nothing = 0,
  // These three follow from the lists of Promises.
  read = 1U << 0,
  write = 1U << 1,
  execute = 1U << 2,
  accept = 1U << 3,  // take connections from a listening socket that it was given
  local = 1U << 4,   // connect to sockets of this machine
  network = 1U << 5, // sockets to other machines
  modules = 1U << 6, // load shared objects; without it no memory becomes executable
  names = 1U << 7,   // users and groups: what NSS reads, loads and connects to
  threads = 1U << 8,
  wait = 1U << 9,       // for children that were started before
  fork = 1U << 10,      // and wait; the child may confine itself further
  tree = 1U << 11,      // waypost-start: everything but what is the machine's administrator's
  identity = 1U << 12,  // become another user and group, once
  sanitizer = 1U << 13, // what the sanitizers of a test build need; confine.cc adds it there
  terminal = 1U << 14,  // set the modes of the terminal that it was given
  loop = 1U << 15,      // what programs need that stay; all but those that are brief have it
};

constexpr May operator|(May one, May other) {
  // Each sum of flags is a value. NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange)
  return static_cast<May>(static_cast<std::uint32_t>(one) | static_cast<std::uint32_t>(other));
}
constexpr bool has(May all, May any) {
  return (static_cast<std::uint32_t>(all) & static_cast<std::uint32_t>(any)) != 0;
}

inline constexpr std::uint32_t kAnyPort = 0;

// Paths are files, or folders with all below them; they are looked up at once. What does not exist
// then stays out of reach.
struct Promises {
  May may = May::nothing;
  std::vector<std::string> read = {};      // to open for reading, to list
  std::vector<std::string> write = {};     // and to create, change, rename and remove
  std::vector<std::string> execute = {};   // programs, or folders with them
  std::vector<std::uint32_t> connect = {}; // TCP ports of others; kAnyPort: all
  // Ends with its message, and waits for nothing but its descriptors: no event loop. The kernel
  // works on a short filter for half as long, which is paid for each message.
  bool brief = false;
  bool operator==(const Promises&) const = default;
};
// With what follows from what was said: the families of the lists, and where libraries and names of
// users lie. confine() sees to it itself.
[[nodiscard]] Promises in_full(Promises promises);

// What the running kernel can be asked for.
struct Kernel {
  int landlock = 0; // the ABI, 0: none
  bool seccomp = false;
};
[[nodiscard]] Kernel probe_kernel();
// In a person's words what `kernel` cannot keep a program from; "" when it lacks nothing.
[[nodiscard]] std::string missing_in(const Kernel& kernel);

// Asks for all that `kernel` has. An error: it refused what it should know.
[[nodiscard]] Result<> try_confine(const Promises& promises, const Kernel& kernel);

// The same with the running kernel. Where that fails the process says so and ends with `status`:
// going on with more rights than intended is never right.
void confine(const Promises& promises, int status = 111);

} // namespace waypost
