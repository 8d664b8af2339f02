// What a configuration names and the machine lacks: one warning for each, with its line; nothing of
// what is there, nor of what nobody may look at.
#include "route/machine_warnings.h"

#include <criterion/criterion.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sys/temporary_folder.h"
#include "route/configuration.h"

namespace waypost::route {
namespace {

// An etc of one's own, with the named files in it.
class Machine {
public:
  Machine() : etc_(temporary_folder() + "/waypost-machine-XXXXXX") {
    cr_assert(::mkdtemp(etc_.data()) != nullptr);
  }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine() { std::filesystem::remove_all(etc_); }

  void has(const std::string& name) const {
    const std::filesystem::path path = etc_ + '/' + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << "x";
  }
  [[nodiscard]] const std::string& etc() const { return etc_; }
  [[nodiscard]] std::string key(const std::string& selector) const {
    return etc_ + '/' + "dkim/home.example/" + selector + ".pem";
  }

  // "LINE: TEXT\n" for each.
  [[nodiscard]] std::string warnings(const std::string& text) const {
    auto read = read_configuration(text, etc_ + "/waypost.toml");
    cr_assert(read.has_value(), "%s", read.error()[0].text.c_str());
    // What this machine is called is no matter of the tests.
    for (Transport& one : read->snapshot.transports)
      if (!text.contains("hostname")) one.helo = "test.example";
    std::string all;
    for (const Complaint& one : machine_warnings(read->snapshot, read->origins, etc_))
      all += std::to_string(one.line) + ": " + one.text + '\n';
    return all;
  }

private:
  std::string etc_;
};

void expect_once(const std::string& all, const std::string& words) {
  const std::size_t at = all.find(words);
  cr_expect(at != std::string::npos && all.find(words, at + 1) == std::string::npos, "%s, in\n%s",
            words.c_str(), all.c_str());
}

constexpr const char* kSigned = "[domain.\"home.example\"]\ndkim_sign = [\"one\", \"two\"]\n";
constexpr const char* kLogin = "[transport.ses]\ntype = \"submission\"\nhost = \"h\"\n"
                               "user = \"u\"\ncredential = \"pass\"\n";

} // namespace

Test(machine_warnings, nothing_is_missed_where_nothing_is_named) {
  cr_expect(Machine().warnings("[transport.a]\ntype = \"smtp\"\nhost = \"h\"\n").empty());
}

Test(machine_warnings, a_key_that_is_not_there) {
  const Machine machine;
  machine.has("dkim/home.example/two.pem");
  const std::string all = machine.warnings(kSigned);
  expect_once(all, "2: dkim_sign: there is no key " + machine.key("one"));
  expect_once(all, "waypost dkimsign keygen home.example one makes it");
  cr_expect(!all.contains("two"), "%s", all.c_str());
}

Test(machine_warnings, a_credential_that_is_not_there) {
  const Machine machine;
  expect_once(machine.warnings(kLogin), "5: credential: there is none named \"pass\"");
  machine.has("credentials/pass.sealed");
  cr_expect(machine.warnings(kLogin).empty());
}

Test(machine_warnings, files_of_a_transport) {
  const Machine machine;
  const std::string text = "[transport.p]\ntype = \"pipe\"\ncommand = [\"/nonexistent/program\"]\n"
                           "[transport.s]\ntype = \"smtp\"\nhost = \"h\"\ntls = \"verified\"\n"
                           "ca = \"" +
                           machine.etc() + "/ca.pem\"\n";
  const std::string all = machine.warnings(text);
  expect_once(all, "3: command: /nonexistent/program does not exist");
  expect_once(all, "8: ca: " + machine.etc() + "/ca.pem does not exist");
  machine.has("ca.pem");
  cr_expect(!machine.warnings(text).contains("ca.pem"));
}

Test(machine_warnings, an_alias_file_that_somebody_names_and_a_command_with_its_arguments_in_one) {
  const Machine machine;
  const std::string alias = "alias_file = \"" + machine.etc() + "/aliases\"\n";
  expect_once(machine.warnings(alias),
              "1: alias_file: " + machine.etc() + "/aliases does not exist");
  const std::string all =
      machine.warnings("[transport.x]\ntype = \"pipe\"\ncommand = \"/nonexistent/program -v\"\n");
  expect_once(
      all,
      "3: command: /nonexistent/program -v does not exist; each argument is a text of its own");
  machine.has("aliases");
  cr_expect(machine.warnings(alias).empty());
}

Test(machine_warnings, a_program_whose_set_id_bits_have_no_effect) {
  const Machine machine;
  machine.has("program");
  const std::string program = machine.etc() + "/program";
  const std::string text = "[transport.p]\ntype = \"pipe\"\ncommand = [\"" + program + "\"]\n";
  cr_expect(machine.warnings(text).empty());
  cr_assert_eq(::chmod(program.c_str(), 04755), 0);
  expect_once(machine.warnings(text),
              "3: command: " + program + " is set-user-ID, which has no effect here");
  cr_assert_eq(::chmod(program.c_str(), 02755), 0);
  expect_once(machine.warnings(text), program + " is set-group-ID, which has no effect here");
}

Test(machine_warnings, a_name_without_a_domain_is_for_strangers_no_name) {
  const Machine machine;
  const std::string name = "root_to = \"a@b.example\"\nhostname = \"vm\"\n";
  const std::string smarthost = "[transport.s]\ntype = \"smtp\"\nhost = \"h\"\n"
                                "[[route]]\ntransport = \"s\"\n";
  const std::string direct = "[transport.d]\ntype = \"direct\"\nhelo = \"vm2\"\n"
                             "[[route]]\nto = [\".example\"]\ntransport = \"d\"\n";
  expect_once(machine.warnings(name), "2: hostname: other servers hear the name \"vm\"");
  cr_expect(machine.warnings(name + smarthost).empty());
  expect_once(machine.warnings("hostname = \"a.example\"\n" + direct), "4: helo: other servers");
  cr_expect(machine.warnings("hostname = \"a.example\"\n").empty());
}

Test(machine_warnings, who_may_not_look_is_told_nothing) {
  if (::geteuid() != 0) cr_skip_test("skipped: not root");
  const Machine machine;
  machine.has("dkim/home.example/other.pem");
  machine.has("credentials/other.sealed");
  ::chmod(machine.etc().c_str(), 0755);
  ::chmod((machine.etc() + "/dkim").c_str(), 0700);
  ::chmod((machine.etc() + "/credentials").c_str(), 0700);
  constexpr uid_t kStranger = 4001;
  cr_assert_eq(::seteuid(kStranger), 0);
  const std::string told = machine.warnings(std::string(kSigned) + kLogin);
  cr_assert_eq(::seteuid(0), 0);
  cr_expect(told.empty(), "%s", told.c_str());
}

} // namespace waypost::route
