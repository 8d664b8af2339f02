#include "smtpd/options.h"

#include "lib/sys/text.h"
#include "smtpd/listeners.h"

namespace waypost::smtpd {
namespace {

constexpr std::uint64_t kMostSeconds = 86'400;
constexpr std::uint64_t kMostOfAll = 1'000'000'000;

constexpr std::uint64_t kMostConnections = 1000;

// False when there is no number of that name.
Result<bool> set_number(Options& options, std::string_view name, std::string_view value) {
  struct Row {
    std::string_view name;
    std::uint64_t& limit;
    std::uint64_t most;
  };
  Limits& to = options.limits;
  const Row rows[] = {
      {"--timeout", to.command_s, kMostSeconds},
      {"--session", to.session_s, kMostSeconds},
      {"--rate", to.bytes_a_second, kMostOfAll},
      {"--recipients", to.recipients, kMostOfAll},
      {"--mistakes", to.mistakes, kMostOfAll},
      {"--connections", options.connections, kMostConnections},
  };
  for (const Row& row : rows) {
    if (row.name != name) continue;
    const auto number = parse_number(value, row.most);
    if (!number || *number == 0)
      return fail(std::string(name) + " takes a number from 1 to " + std::to_string(row.most));
    row.limit = *number;
    return true;
  }
  return false;
}

// False when there is no such option.
Result<bool> set_value(Options& options, std::string_view name, std::string_view value) {
  if (name == "--queue") {
    if (!value.starts_with('/')) return fail("--queue takes an absolute path");
    options.queue = value;
    return true;
  }
  if (name == "--listen") {
    if (!valid_listen_address(value))
      return fail("--listen takes an address and a port: 127.0.0.1:25, [::1]:25");
    options.listen.emplace_back(value);
    return true;
  }
  return set_number(options, name, value);
}

} // namespace

Result<Options> parse_options(std::span<const char* const> words) {
  Options options;
  while (!words.empty()) {
    const std::string_view name = words.front();
    words = words.subspan(1);
    if (name == "--caller" || name == "--local") {
      (name == "--caller" ? options.caller : options.local) = true;
      continue;
    }
    if (words.empty()) return fail("unknown option, or one without its value: " + printable(name));
    const std::string_view value = words.front();
    words = words.subspan(1);
    const Result<bool> set = set_value(options, name, value);
    if (!set) return std::unexpected(set.error());
    if (!*set) return fail("unknown option: " + printable(name));
  }
  if (options.caller && !options.listen.empty())
    return fail("--caller is one client, and --listen is for many");
  return options;
}

} // namespace waypost::smtpd
