// waypost.toml(5) says what the table of keys says.
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
std::string manual() {
  std::ifstream file("man/waypost.toml.5");
  cr_assert(file.good(), "no man/waypost.toml.5 here");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
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

} // namespace waypost::route
