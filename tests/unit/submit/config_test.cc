#include "submit/config.h"

#include <criterion/criterion.h>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

using namespace waypost;
using namespace waypost::submit;

namespace {

constexpr const char* kLogin =
    "host = \"smtp.example\"\nuser = \"me\"\npassword_command = \"pass show mail\"\n";

SubmitConfig good(const std::string& text) {
  auto config = read_submit_config(text, "submit.toml");
  cr_assert(config.has_value(), "%s", config ? "" : config.error().front().text.c_str());
  return std::move(*config);
}

std::string complaint(const std::string& text) {
  const auto config = read_submit_config(text, "submit.toml");
  if (config) return "";
  return std::to_string(config.error().front().line) + ": " + config.error().front().text;
}

} // namespace

Test(submit_config, a_login_needs_three_lines) {
  const SubmitConfig config = good(kLogin);
  cr_expect(config.transport.type == TransportType::submission);
  cr_expect_eq(config.transport.port, 587);
  cr_expect(config.transport.tls == TlsPolicy::verified);
  const std::vector<std::string> words{"pass", "show", "mail"};
  cr_expect(config.password_command == words);
}

Test(submit_config, a_list_of_words_is_not_divided) {
  const SubmitConfig config =
      good("host = \"h.example\"\nuser = \"me\"\npassword_command = [\"my pass\", \"a b\"]\n");
  const std::vector<std::string> words{"my pass", "a b"};
  cr_expect(config.password_command == words);
}

Test(submit_config, port_465_is_tls_from_the_first_byte) {
  cr_expect(good("host = \"h.example\"\nport = 465\n").transport.type ==
            TransportType::submissions);
  cr_expect_eq(good("host = \"h.example\"\ntype = \"submissions\"\n").transport.port, 465);
}

Test(submit_config, says_the_line_and_what_would_be_right) {
  const struct {
    std::string text;
    std::string begins;
  } rows[] = {
      {"hots = \"h.example\"\n", "1: unknown key \"hots\"; did you mean \"host\"?"},
      {"host = \"h.example\"\npassword = \"x\"\n", "2: a password never stands in this file"},
      {"host = \"h.example\"\nuser = \"me\"\n", "2: user without a password"},
      {"host = \"h.example\"\npassword_file = \"/x\"\n", "2: password_file without user"},
      {std::string(kLogin) + "credential = \"x\"\n",
       "3: credential and password_command both say where the password is"},
      {"host = \"h.example\"\ntype = \"smpt\"\n", "2: type: \"smpt\" is no way to submit mail"},
      {"host = \"h.example\"\nport = 0\n", "2: port: 0 is too small"},
      {"host = \"h.example\"\nlocal_mail = \"me\"\n", "2: local_mail: \"me\""},
      {"host = \"h.example\"\nuser = \"me\"\npassword_command = \" \"\n", "3: password_command: "},
      {"host = \"h.example\"\nuser = \"me\"\npassword_file = \"x\"\n",
       "3: password_file: \"x\" begins neither with / nor with ~/"},
      {"port = 587\n", "1: transport \"submit\": type \"submission\" needs host"},
      {"host = \n", "1: "},
      {std::string(kLogin) + "tls = \"off\"\nmechanisms = \"PLAIN\"\n",
       "5: transport \"submit\": with tls = \"off\" none"},
  };
  for (const auto& row : rows) {
    const std::string said = complaint(row.text);
    cr_expect(said.starts_with(row.begins), "%s\n  said: %s", row.text.c_str(), said.c_str());
  }
}

Test(submit_config, external_needs_no_password) {
  const SubmitConfig config = good("host = \"h.example\"\nmechanisms = \"EXTERNAL\"\n"
                                   "client_cert = \"/c\"\nclient_key = \"/k\"\n");
  cr_expect(config.transport.credential.empty());
}

Test(submit_config, the_manual_has_every_key) {
  std::ifstream file("man/waypost-submit.1");
  std::stringstream text;
  text << file.rdbuf();
  const std::string manual = text.str();
  for (const char* const key : {"host",
                                "port",
                                "user",
                                "credential",
                                "mechanisms",
                                "cleartext_auth",
                                "helo",
                                "source",
                                "family",
                                "tls",
                                "ca",
                                "pin",
                                "client_cert",
                                "client_key",
                                "recipients_per_message",
                                "null_sender",
                                "local_hosts",
                                "timeout_connect",
                                "timeout_greeting",
                                "timeout_command",
                                "timeout_data",
                                "timeout_final",
                                "timeout_transaction",
                                "hostname",
                                "resolver",
                                "type",
                                "from",
                                "local_mail",
                                "save",
                                "password_command",
                                "password_file"})
    cr_expect(std::regex_search(manual, std::regex("Ic[^\n]*\\b" + std::string(key) + "\\b")), "%s",
              key);
}
