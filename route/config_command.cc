#include "route/config_command.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <sys/stat.h>

#include "lib/sys/home.h"
#include "lib/sys/output.h"
#include "lib/sys/text.h"
#include "route/compile.h"
#include "route/config_file.h"
#include "route/effective.h"

namespace waypost::route {
namespace {

using What = ConfigCommand::What;
using Arguments = std::span<const std::string_view>;

constexpr std::array<std::string_view, 6> kVerbs{"check", "compile", "show",
                                                 "init",  "keys",    "import"};
constexpr std::array<std::string_view, 3> kOthers{"msmtp", "nullmailer", "postfix"};

Result<What> verb_of(Arguments arguments) {
  if (arguments.empty()) return fail("a command is wanted: " + one_of_words(kVerbs));
  const auto found = std::ranges::find(kVerbs, arguments[0]);
  if (found == kVerbs.end()) {
    return fail("there is no command " + quoted(arguments[0]) + did_you_mean(arguments[0], kVerbs));
  }
  return static_cast<What>(found - kVerbs.begin());
}

std::unexpected<Error> unknown(std::string_view option, std::span<const std::string_view> known) {
  return fail("unknown option " + printable(option) + did_you_mean(option, known));
}

// Takes an option off `rest`; what is behind `rest` is its value.
Result<> take_option(ConfigCommand& command, Arguments& rest) {
  const std::string_view option = rest[0];
  if (option == "--json" && command.what == What::show) {
    command.json = true;
    return {};
  }
  const bool writes = command.what == What::compile || command.what == What::take_over;
  if (option != "--output" || !writes) {
    return unknown(option, std::array<std::string_view, 2>{"--output", "--json"});
  }
  if (rest.size() < 2) return fail("--output takes the name of a file");
  command.output = std::string(rest[1]);
  rest = rest.subspan(1);
  return {};
}

Result<> take_init_option(InitCommand& command, Arguments& rest) {
  const std::string_view option = rest[0];
  if (option == "--force") {
    command.force = true;
    return {};
  }
  const std::string_view name = option.substr(std::min<std::size_t>(option.size(), 2));
  std::vector<std::string_view> known = init_flags();
  known.insert(known.end(), {"file", "force"});
  if (std::ranges::find(known, name) == known.end()) return unknown(name, known);
  if (rest.size() < 2) return fail(printable(option) + " takes a value");
  if (name == "file") {
    command.file = std::string(rest[1]);
  } else {
    command.flags.insert_or_assign(std::string(name), std::string(rest[1]));
  }
  rest = rest.subspan(1);
  return {};
}

Result<> take_operand(ConfigCommand& command, std::string_view word) {
  if (command.what == What::init) {
    if (!command.init.way.empty()) return fail("two ways for mail to leave: one is wanted");
    command.init.way = word;
    return {};
  }
  if (command.what == What::take_over && command.take_over.from.empty()) {
    if (std::ranges::find(kOthers, word) == kOthers.end())
      return fail(and_write(quoted(word) + " is no program whose settings are read" +
                                did_you_mean(word, kOthers),
                            one_of_words(kOthers)));
    command.take_over.from = word;
    return {};
  }
  if (command.what == What::keys || command.file) {
    return fail("one argument too many: " + printable(word));
  }
  command.file = std::string(word);
  return {};
}

int show(const ConfigCommand& command) {
  const auto configuration = load(command.file, stderr);
  if (!configuration) return configuration.error();
  const std::string& source = configuration->snapshot.settings.source;
  const Effective all = effective(*configuration);
  const std::string out = command.json ? effective_json(all, source) : effective_text(all, source);
  std::fputs(out.c_str(), stdout);
  return output_written("waypost-config") ? 0 : kTemporary;
}

} // namespace

Result<ConfigCommand> parse_config_command(Arguments arguments) {
  const Result<What> what = verb_of(arguments);
  if (!what) return std::unexpected(what.error());
  ConfigCommand command;
  command.what = *what;
  bool options = true;
  for (auto rest = arguments.subspan(1); !rest.empty(); rest = rest.subspan(1)) {
    Result<> taken;
    if (options && rest[0] == "--") {
      options = false;
    } else if (!options || !rest[0].starts_with('-')) {
      taken = take_operand(command, rest[0]);
    } else {
      taken = command.what == What::init ? take_init_option(command.init, rest)
                                         : take_option(command, rest);
    }
    if (!taken) return std::unexpected(taken.error());
  }
  if (command.what == What::take_over && command.take_over.from.empty())
    return fail("import takes the name of a program: " + one_of_words(kOthers));
  command.take_over.file = command.file;
  command.take_over.output = command.output;
  return command;
}

void make_folders_for(const ConfigCommand& command) {
  if (command.what != What::init || command.init.file) return;
  const std::string etc = find_home().etc;
  ::mkdir(etc.substr(0, etc.rfind('/')).c_str(), 0755);
  ::mkdir(etc.c_str(), 0755);
}

Promises promises_of(const ConfigCommand& command) {
  const Home home = find_home();
  Promises promises{.read = {"/"}};
  const bool imports = command.what == What::take_over && command.output;
  const bool makes = command.what == What::compile || command.what == What::init || imports;
  if (!makes) return promises;
  const std::string path = command.what == What::init ? command.init.file.value_or(home.config())
                                                      : command.output.value_or(home.snapshot());
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  promises.write = {folder.empty() ? "." : folder};
  return promises;
}

int run(const ConfigCommand& command) {
  switch (command.what) {
  case What::check: return check(command.file);
  case What::compile: return compile(command.file, command.output);
  case What::show: return show(command);
  case What::init: return init(command.init);
  case What::keys: return print_all_keys();
  case What::take_over: return take_over(command.take_over);
  }
  return kBad;
}

} // namespace waypost::route
