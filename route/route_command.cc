#include "route/route_command.h"

#include <array>
#include <cstdio>
#include <sys/stat.h>
#include <vector>

#include "lib/mail/sender_rewriting.h"
#include "lib/sys/home.h"
#include "lib/sys/output.h"
#include "lib/sys/text.h"
#include "route/compiled.h"
#include "route/complaints.h"
#include "route/explain.h"
#include "route/local_names.h"
#include "route/story_output.h"

namespace waypost::route {
namespace {

constexpr std::uint64_t kMostAttempts = 1000;

// The rules that mail goes by are the compiled ones; a file changed since is a common surprise.
void warn_of_newer_file(const Settings& settings) {
  // Defaults that were compiled without a file have no source: it may have been made since.
  const std::string source = settings.source.empty() ? find_home().config() : settings.source;
  struct stat st{};
  if (::stat(source.c_str(), &st) != 0) return;
  const auto changed = static_cast<std::uint64_t>(st.st_mtim.tv_sec) * 1'000'000 +
                       static_cast<std::uint64_t>(st.st_mtim.tv_nsec) / 1'000;
  if (changed <= settings.generation) return;
  std::fprintf(stderr,
               "waypost-route: %s was changed after it was compiled; this is what holds now "
               "(--config explains the file)\n",
               printable(source).c_str());
}

Result<Address> take_address(std::string_view text) {
  if (text == "<>") return Address();
  if (text.starts_with('<') && text.ends_with('>')) text = text.substr(1, text.size() - 2);
  return Address::parse(text);
}

// As sendmail(8) and waypost-smtpd(8) complete it.
Address with_domain(const Address& address, const Settings& settings) {
  if (address.null() || !address.domain().empty()) return address;
  return Address::parse(address.text() + "@" + settings.hostname).value_or(address);
}

Result<> take_option(RouteCommand& command, std::string_view option, std::string_view value) {
  if (option == "--account") {
    command.account = value;
    return {};
  }
  if (option == "--config") {
    command.config = std::string(value);
    return {};
  }
  if (option == "--attempts") {
    const auto attempts = parse_number(value, kMostAttempts);
    if (!attempts || *attempts == 0) return fail("--attempts takes a number from 1 to 1000");
    command.attempts = static_cast<std::uint32_t>(*attempts);
    return {};
  }
  if (option != "--after") {
    constexpr std::array<std::string_view, 6> kOptions{"--account", "--attempts", "--after",
                                                       "--config",  "--json",     "--simulate"};
    return fail("unknown option " + printable(option) + did_you_mean(option, kOptions));
  }
  const auto classes = FailureClasses::parse(value);
  if (!classes) return fail("--after takes classes of failure, as in --after blocked,rate");
  command.after = *classes;
  return {};
}

} // namespace

Result<RouteCommand> parse_route_command(std::span<const std::string_view> arguments) {
  RouteCommand command;
  std::vector<std::string_view> addresses;
  bool options = true;
  for (auto rest = arguments; !rest.empty(); rest = rest.subspan(1)) {
    if (options && rest[0] == "--") {
      options = false;
    } else if (options && rest[0] == "--json") {
      command.json = true;
    } else if (options && rest[0].starts_with("--")) {
      const bool last = rest.size() < 2;
      const Result<> taken = take_option(command, rest[0], last ? std::string_view() : rest[1]);
      if (taken && last) return fail(printable(rest[0]) + " takes a value");
      if (!taken) return std::unexpected(taken.error());
      rest = rest.subspan(1);
    } else {
      addresses.push_back(rest[0]);
    }
  }
  if (addresses.size() != 2) return fail("two addresses are wanted: FROM and TO");
  Result<Address> from = take_address(addresses[0]);
  Result<Address> to = take_address(addresses[1]);
  if (!from) return std::unexpected(from.error());
  if (!to) return std::unexpected(to.error());
  if (to->null()) return fail("TO is empty");
  command.from = std::move(*from);
  command.to = std::move(*to);
  return command;
}

Promises promises_of(const RouteCommand& command) {
  return command.config ? promises_of_compiling() : Promises{.read = readable_folders(find_home())};
}

int run(const RouteCommand& command) {
  std::expected<Snapshot, int> snapshot =
      command.config ? compiled_snapshot(command.config) : running_snapshot();
  if (!snapshot) return snapshot.error();
  const Routes routes(std::move(*snapshot));
  const Settings& settings = routes.snapshot().settings;
  const Address from = with_domain(command.from, settings);
  const Address to = with_domain(command.to, settings);
  RouteQuery query;
  query.account = command.account;
  const std::string rewritten =
      SenderRewriting(routes.snapshot(), command.account).address(from.text());
  const Result<Address> sender = Address::parse(rewritten);
  query.from = (sender && !sender->null() ? *sender : from).domain();
  query.to = to.domain();
  query.local = to.local();
  query.classes = command.after;
  const auto all = static_cast<std::uint32_t>(settings.retry_s.size() + 1);
  const Story story = explain(routes, query, command.attempts != 0 ? command.attempts : all);
  const StoryTitle title{from.text(), to.text(), command.account, rewritten};
  const std::string out = command.json ? story_json(story) : story_text(story, title, settings);
  std::fputs(out.c_str(), stdout);
  if (!output_written("waypost-route")) return kTemporary;
  if (!command.config) warn_of_newer_file(settings);
  return 0;
}

} // namespace waypost::route
