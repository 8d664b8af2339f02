// A target with a fault, to show that walking sees one: it reads behind its input when that begins
// with another letter than the seed. tests/fuzz/run, self_test.
#include <cstdint>
#include <cstdlib>
#include <cstring>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  auto* const copy = static_cast<std::uint8_t*>(std::malloc(size));
  std::memcpy(copy, data, size);
  volatile std::uint8_t got = copy[copy[0] == 'x' ? 0 : size];
  (void)got;
  std::free(copy);
  return 0;
}
