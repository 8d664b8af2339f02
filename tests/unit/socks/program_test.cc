// What waypost-socks takes from its command line and its environment, and what its program gets.

#include <criterion/criterion.h>

#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>

#include "socks/login_source.h"
#include "socks/reach.h"
#include "socks/ucspi.h"

using namespace waypost;
using namespace waypost::socks;

namespace {

Result<Arguments> parsed(std::vector<std::string> words) {
  words.insert(words.begin(), "waypost-socks");
  std::vector<char*> values;
  for (std::string& one : words)
    values.push_back(one.data());
  values.push_back(nullptr);
  Result<Arguments> arguments = parse_arguments(static_cast<int>(words.size()), values.data());
  if (arguments) arguments->program = nullptr; // whose words end here
  return arguments;
}

std::string value_of(const Variables& variables, std::string_view name) {
  for (const auto& [key, value] : variables) {
    if (key == name) return value.empty() ? "(unset)" : value;
  }
  return "(left alone)";
}

int descriptor_with(std::string_view text) {
  const int fd = ::memfd_create("login", MFD_CLOEXEC);
  cr_assert(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  ::lseek(fd, 0, SEEK_SET);
  return fd;
}

} // namespace

Test(program, takes_proxies_hosts_and_ports) {
  struct Row {
    const char* proxy;
    const char* host;
    const char* port;
    const char* its_host;
    const char* its_port;
    Endpoint to;
  };
  const Row rows[] = {
      {"10.9.0.1:1080",
       "192.0.2.1",
       "25",
       "10.9.0.1",
       "1080",
       {AddressKind::ipv4, "192.0.2.1", 25}},
      {"[2001:db8::1]:9",
       "2001:db8::2",
       "65535",
       "2001:db8::1",
       "9",
       {AddressKind::ipv6, "2001:db8::2", 65535}},
      {"proxy.test:1080", "mx.test", "1", "proxy.test", "1080", {AddressKind::name, "mx.test", 1}},
  };
  for (const Row& row : rows) {
    const Result<Arguments> got = parsed({row.proxy, row.host, row.port, "cat"});
    cr_assert(got.has_value(), "%s: %s", row.proxy, got.error().text.c_str());
    cr_expect(got->proxy == row.its_host && got->proxy_port == row.its_port, "%s", row.proxy);
    cr_expect(got->destination == row.to, "%s", row.host);
  }
}

Test(program, options_end_where_the_program_begins) {
  const Result<Arguments> got =
      parsed({"-6", "-T", "7", "-l", "3", "p:1", "h", "25", "prog", "-T", "x"});
  cr_assert(got.has_value());
  cr_expect(got->family == AF_INET6 && got->timeout_s == 7 && got->login_fd == 3);
}

Test(program, says_what_is_wrong_with_its_arguments) {
  const std::vector<std::vector<std::string>> rows = {
      {},
      {"p:1", "h", "25"},
      {"p", "h", "25", "cat"},
      {"p:0", "h", "25", "cat"},
      {"p:65536", "h", "25", "cat"},
      {":1080", "h", "25", "cat"},
      {"[::1]", "h", "25", "cat"},
      {"[::1]1080", "h", "25", "cat"},
      {"2001:db8::1:1080", "h", "25", "cat"},
      {"p:1", "h", "0", "cat"},
      {"p:1", "h", "no-such-service", "cat"},
      {"p:1", "", "25", "cat"},
      {"p:1", "a b", "25", "cat"},
      {"-T", "0", "p:1", "h", "25", "cat"},
      {"-l", "x", "p:1", "h", "25", "cat"},
      {"-x", "p:1", "h", "25", "cat"},
  };
  for (const std::vector<std::string>& row : rows) {
    std::string all;
    for (const std::string& one : row)
      all += one + ' ';
    const Result<Arguments> got = parsed(row);
    cr_expect(!got.has_value() && !got.error().text.empty(), "%s", all.c_str());
  }
}

Test(program, describes_the_connection_as_its_ends_see_it) {
  const Endpoint four{AddressKind::ipv4, "192.0.2.25", 25};
  const Endpoint name{AddressKind::name, "MX.Example.org", 25};
  const Endpoint bound{AddressKind::ipv4, "198.51.100.7", 40000};
  const Endpoint silent{AddressKind::ipv4, "0.0.0.0", 0};
  const Endpoint named{AddressKind::name, "proxy", 1};
  const Endpoint local{AddressKind::ipv4, "10.0.0.2", 50000};
  const Variables by_address = variables_of(four, bound, local);
  cr_expect(value_of(by_address, "PROTO") == "TCP");
  cr_expect(value_of(by_address, "TCPREMOTEIP") == "192.0.2.25");
  cr_expect(value_of(by_address, "TCPREMOTEHOST") == "(unset)");
  cr_expect(value_of(by_address, "TCPREMOTEPORT") == "25");
  cr_expect(value_of(by_address, "TCPLOCALIP") == "198.51.100.7");
  cr_expect(value_of(by_address, "TCPLOCALPORT") == "40000");
  for (const char* none : {"TCPREMOTEINFO", "TCPLOCALHOST"})
    cr_expect(value_of(by_address, none) == "(unset)", "%s", none);
  const Variables by_name = variables_of(name, silent, local);
  cr_expect(value_of(by_name, "TCPREMOTEIP") == "(unset)");
  cr_expect(value_of(by_name, "TCPREMOTEHOST") == "mx.example.org");
  cr_expect(value_of(by_name, "TCPLOCALIP") == "10.0.0.2");
  cr_expect(value_of(by_name, "TCPLOCALPORT") == "50000");
  cr_expect(value_of(variables_of(name, named, local), "TCPLOCALIP") == "10.0.0.2");
}

Test(program, takes_a_login_from_a_descriptor) {
  struct Row {
    std::string text;
    const char* user; // none: an error
    const char* password;
  };
  const Row rows[] = {
      {"alice\nsecret\n", "alice", "secret"},
      {"alice\nsecret", "alice", "secret"},
      {"alice\n s p \n", "alice", " s p "},
      {"", nullptr, nullptr},
      {"alice\n", nullptr, nullptr},
      {"alice\nsecret\nmore", nullptr, nullptr},
      {std::string(2000, 'x'), nullptr, nullptr},
  };
  for (const Row& row : rows) {
    const Result<std::optional<Login>> login = find_login(descriptor_with(row.text));
    cr_assert(login.has_value() == (row.user != nullptr), "'%s'", row.text.c_str());
    if (row.user == nullptr) continue;
    cr_assert(login->has_value());
    cr_expect((*login)->user == row.user && (*login)->password == row.password, "%s", row.user);
  }
  cr_expect(!find_login(1000).has_value(), "a descriptor that is not open");
}

Test(program, takes_a_login_out_of_the_environment) {
  cr_expect(find_login(-1) && !find_login(-1)->has_value());
  ::setenv("SOCKS_USER", "alice", 1);
  cr_expect(!find_login(-1).has_value(), "a user without a password");
  ::setenv("SOCKS_USER", "alice", 1);
  ::setenv("SOCKS_PASSWORD", "secret", 1);
  const Result<std::optional<Login>> login = find_login(-1);
  cr_assert(login.has_value() && login->has_value());
  cr_expect((*login)->user == "alice" && (*login)->password == "secret");
  cr_expect(::getenv("SOCKS_USER") == nullptr && ::getenv("SOCKS_PASSWORD") == nullptr);
}
