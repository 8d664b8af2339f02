#include "route/compile.h"

#include <algorithm>
#include <cstdio>

#include "lib/sys/clock.h"
#include "lib/sys/home.h"
#include "lib/sys/output.h"
#include "route/config_file.h"
#include "route/key.h"

namespace waypost::route {
namespace {

// Later than the one before it, also when the clock went back.
std::uint64_t next_generation(const std::string& path) {
  const auto now = static_cast<std::uint64_t>(RealClock().wall_us());
  return std::max(now, read_settings(path).generation + 1);
}

std::string no_errors(const Configuration& configuration) {
  const std::size_t n = configuration.warnings.size();
  if (n == 0) return "no errors";
  return "no errors, " + std::to_string(n) + (n == 1 ? " warning" : " warnings");
}

template <class Target>
void print_keys(const char* section, const std::vector<Key<Target>>& keys) {
  for (const Key<Target>& key : keys) {
    std::printf("%s\t%.*s\t%s\t%s\n", section, static_cast<int>(key.name.size()), key.name.data(),
                key.takes.c_str(), key.fallback.empty() ? "none" : key.fallback.c_str());
  }
}

} // namespace

int check(const std::optional<std::string>& file) {
  const auto configuration = load(file, stdout);
  if (!configuration) return configuration.error();
  std::printf("%s: %s\n", no_errors(*configuration).c_str(), summary(*configuration).c_str());
  return output_written("waypost-config") ? 0 : kTemporary;
}

int compile(const std::optional<std::string>& file, const std::optional<std::string>& output) {
  auto configuration = load(file, stdout);
  if (!configuration) return configuration.error();
  Snapshot& snapshot = configuration->snapshot;
  const std::string path = output.value_or(find_home().snapshot());
  snapshot.settings.generation = next_generation(path);
  const Result<> written = write_file(path, encode_snapshot(snapshot), Existing::replace);
  if (!written) {
    std::fprintf(stderr, "waypost-config: %s\n", written.error().text.c_str());
    return kTemporary;
  }
  std::printf("%s: generation %llu, %s\n", path.c_str(),
              static_cast<unsigned long long>(snapshot.settings.generation),
              summary(*configuration).c_str());
  return 0;
}

int print_all_keys() {
  print_keys("file", settings_keys());
  print_keys("transport", transport_keys());
  print_keys("domain", domain_keys());
  print_keys("account", account_keys());
  print_keys("route", rule_keys());
  return output_written("waypost-config") ? 0 : kTemporary;
}

} // namespace waypost::route
