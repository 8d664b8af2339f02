// walk: gives a fuzzer's target its inputs, and mutants of them by a fixed row of random numbers.
//
//   NAME-walk MUTANTS PREFIX FOLDER...
//
// libFuzzer looks where it has not been, and needs clang and a build of its own. This runs what it
// and we have found before, in the sanitized build that all other tests use: the same code passes
// or fails twice alike. An input that made the target fail is left in PREFIX followed by "input".
#include <sanitizer/asan_interface.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <unistd.h>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr unsigned kSecondsAnInput = 60; // it ends what hangs, on a busy machine too
constexpr std::size_t kLongest = 8192;

std::string current;
std::string kept; // the name of the file

void keep() {
  std::ofstream(kept, std::ios::binary) << current;
}

void end(int number) {
  keep();
  std::fprintf(stderr, "walk: signal %d, input in %s\n", number, kept.c_str());
  ::signal(number, SIG_DFL);
  ::raise(number);
}

void give(std::string input) {
  current = std::move(input);
  ::alarm(kSecondsAnInput);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(current.data()), current.size());
}

std::vector<std::string> files_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_regular_file()) names.push_back(entry.path());
  std::sort(names.begin(), names.end()); // the walk does not depend on the folder's order
  std::vector<std::string> files;
  for (const auto& name : names) {
    std::ifstream file(name, std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return files;
}

class Mutants {
public:
  explicit Mutants(const std::vector<std::string>& seeds) : seeds_(seeds) {}

  std::string next() {
    std::string text = any_seed();
    for (std::size_t changes = 1 + below(4); changes > 0; --changes)
      change(text);
    text.resize(std::min(text.size(), kLongest));
    return text;
  }

private:
  // A number below `most`, which is not 0.
  std::size_t below(std::size_t most) { return static_cast<std::size_t>(random_()) % most; }
  const std::string& any_seed() { return seeds_[below(seeds_.size())]; }

  void change(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = std::min(below(16) + 1, text.size() - at);
    switch (below(7)) {
    case 0: text.erase(at, length); break;
    case 1: text.insert(at, piece()); break;
    case 2: text.replace(at, length, piece()); break;
    case 3: text.insert(at, text.substr(at, length)); break;
    case 4: text.insert(at, 1, static_cast<char>(below(256))); break;
    case 5: text.insert(at, kTokens[below(std::size(kTokens))]); break;
    default:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1U << below(8)));
    }
  }

  // Of another seed: words of one format where another place of it expects them.
  std::string piece() {
    const std::string& seed = any_seed();
    const std::size_t at = below(seed.size() + 1);
    return seed.substr(at, below(64));
  }

  // What ends, begins or overflows something in most formats here.
  static constexpr const char* kTokens[] = {"\r\n", "\n", "\t", " ",   ".",     ":",  ";",   ",",
                                            "=",    "<",  ">",  "\"",  "\\",    "@",  "-",   "0",
                                            "-1",   "%",  "/",  "{",   "}",     "[",  "]",   "(",
                                            "\xff", "ü",  "=0", "255", "65536", "1e", "...", "\r"};

  const std::vector<std::string>& seeds_;
  std::mt19937_64 random_{1};
};

} // namespace

int main(int count, char** values) {
  if (count < 4) {
    std::fprintf(stderr, "usage: %s MUTANTS PREFIX FOLDER...\n", values[0]);
    return 100;
  }
  kept = std::string(values[2]) + "input";
  __sanitizer_set_death_callback(keep);
  ::signal(SIGABRT, end);
  ::signal(SIGALRM, end);
  std::vector<std::string> seeds;
  for (int i = 3; i < count; ++i)
    for (std::string& one : files_of(values[i]))
      seeds.push_back(std::move(one));
  if (seeds.empty()) return 100;
  for (const std::string& seed : seeds)
    give(seed);
  Mutants mutants(seeds);
  const long wanted = std::atol(values[1]);
  for (long i = 0; i < wanted; ++i)
    give(mutants.next());
  ::alarm(0);
  std::printf("walked %zu seeds, %ld mutants\n", seeds.size(), wanted);
  return 0;
}
