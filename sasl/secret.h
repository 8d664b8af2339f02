// Secret: bytes that lie in locked memory between guard pages, stay out of core files, and are
// wiped when they go (libsodium's sodium_malloc).
//
// A vector, and no string: a short string lies in the object itself, wherever that is. Growing
// wipes what was left behind, but costs system calls: reserve first. Where the limit on locked
// memory is used up the bytes are not locked, and all else holds.
#pragma once

#include <sodium.h>

#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace waypost::sasl {

template <class T>
struct LockedAllocator {
  using value_type = T;
  LockedAllocator() = default;
  template <class U>
  explicit LockedAllocator(const LockedAllocator<U>&) {}

  T* allocate(std::size_t count) {
    static const int ready = ::sodium_init();
    void* const memory = ready < 0 ? nullptr : ::sodium_allocarray(count, sizeof(T));
    if (memory == nullptr) std::abort(); // there are no exceptions, and no way to go on
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t) { ::sodium_free(memory); }
  bool operator==(const LockedAllocator&) const = default;
};

using Secret = std::vector<char, LockedAllocator<char>>;

[[nodiscard]] inline std::string_view view(const Secret& secret) {
  return {secret.data(), secret.size()};
}
[[nodiscard]] inline Secret secret_of(std::string_view bytes) {
  return {bytes.begin(), bytes.end()};
}
inline void append(Secret& secret, std::string_view bytes) {
  secret.insert(secret.end(), bytes.begin(), bytes.end());
}
// The parts after one another, in one allocation.
[[nodiscard]] inline Secret joined(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts)
    size += part.size();
  Secret all;
  all.reserve(size);
  for (const std::string_view part : parts)
    append(all, part);
  return all;
}
// Takes as long whatever the bytes are.
[[nodiscard]] inline bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}
// For a string that had to hold a secret on its way out.
inline void wipe(std::string& text) {
  ::sodium_memzero(text.data(), text.size());
  text.clear();
}

} // namespace waypost::sasl
