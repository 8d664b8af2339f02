// waypost.toml(5) says what the table of keys says, and the file that is installed shows what is
// right.
#include <cctype>
#include <criterion/criterion.h>
#include <fstream>
#include <sstream>
#include <string>

#include "route/configuration.h"
#include "route/key.h"

namespace waypost::route {
namespace {

// Unit tests run in the root of the tree.
std::string text_of(const char* path) {
  std::ifstream file(path);
  cr_assert(file.good(), "no %s here", path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string manual() {
  return text_of("man/waypost.toml.5");
}

template <class Target>
void expect_entries(const std::vector<Key<Target>>& keys, const std::string& page) {
  for (const Key<Target>& key : keys) {
    std::string takes = key.takes;
    takes[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(takes[0])));
    const std::string entry = ".It Ic " + std::string(key.name) + "\n" + takes + "; " +
                              (key.fallback.empty() ? "no default" : "default: " + key.fallback) +
                              ".\n";
    cr_expect(page.find(entry) != std::string::npos, "not in the page: %s", entry.c_str());
  }
}

} // namespace

Test(manual, every_key_stands_there_with_what_it_takes_and_its_default) {
  const std::string page = manual();
  expect_entries(settings_keys(), page);
  expect_entries(transport_keys(), page);
  expect_entries(domain_keys(), page);
  expect_entries(account_keys(), page);
  expect_entries(rule_keys(), page);
}

Test(manual, its_example_is_a_configuration) {
  const std::string page = manual();
  const std::string_view begin = ".Bd -literal -offset indent\n";
  const std::size_t start = page.find(begin) + begin.size();
  const std::string example = page.substr(start, page.find(".Ed", start) - start);
  const auto snapshot = configure(example, "waypost.toml");
  cr_assert(snapshot.has_value(), "%s", snapshot.error()[0].text.c_str());
  cr_expect(snapshot->transports.size() == 7 && snapshot->routes.size() == 3);
}

// A comment's text begins behind a space.
Test(manual, the_installed_file_is_a_configuration_without_its_comment_signs_too) {
  std::istringstream lines(text_of("etc/waypost.toml"));
  std::string uncommented;
  for (std::string line; std::getline(lines, line);)
    uncommented +=
        line.starts_with("# ") || line == "#" ? "\n" : line.substr(line.starts_with('#')) + "\n";
  const auto all = read_configuration(uncommented, "waypost.toml");
  cr_assert(all.has_value(), "%u: %s", all.error()[0].line, all.error()[0].text.c_str());
  cr_expect(all->snapshot.transport("ses") != nullptr && all->snapshot.domains.size() == 1);
}

} // namespace waypost::route
