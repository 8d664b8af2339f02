#include "submit/config.h"

#include <algorithm>
#include <array>
#include <span>

#include "lib/mail/login.h"
#include "lib/sys/text.h"
#include "route/key.h"
#include "route/network_name.h"
#include "route/origins.h"
#include "route/transport_check.h"
#include "route/transports_section.h"

namespace waypost::submit {
namespace {

using namespace waypost::route;

// Of the settings and of a transport's keys, those that mean something where one message is sent.
constexpr std::array<std::string_view, 2> kSettings{"hostname", "resolver"};
constexpr std::array<std::string_view, 23> kOfTransport{"host",
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
                                                        "timeout_transaction"};

constexpr std::array<std::string_view, 3> kTypes{"submission", "submissions", "smtp"};
constexpr std::array<std::string_view, 3> kPasswords{"credential", "password_command",
                                                     "password_file"};

Parsed<std::string> check_home_path(std::string_view value) {
  if (!value.starts_with('/') && !value.starts_with("~/"))
    return std::unexpected("begins neither with / nor with ~/");
  const bool prints = std::ranges::none_of(value, [](char c) { return c >= 0 && c < ' '; });
  if (value.size() > 4000 || !prints) return std::unexpected("holds characters that do not print");
  return std::string(value);
}

std::vector<Key<SubmitConfig>> make_keys() {
  const auto mailbox = text("a mail address", "\"alice@example.org\"", parse_mailbox);
  const auto home_path = text("an absolute path, or one that begins with ~/",
                              "\"~/.config/waypost/password\"", check_home_path);
  std::vector<Key<SubmitConfig>> keys;
  keys.push_back(single<SubmitConfig>("from", mailbox, &SubmitConfig::from, ""));
  keys.push_back(single<SubmitConfig>("local_mail", mailbox, &SubmitConfig::local_mail, ""));
  keys.push_back(single<SubmitConfig>("save", home_path, &SubmitConfig::save, ""));
  keys.push_back(list<SubmitConfig>("password_command", line(), "", {.repeat = true},
                                    in_member(&SubmitConfig::password_command)));
  keys.push_back(
      single<SubmitConfig>("password_file", home_path, &SubmitConfig::password_file, ""));
  return keys;
}

const std::vector<Key<SubmitConfig>>& own_keys() {
  static const std::vector<Key<SubmitConfig>> keys = make_keys();
  return keys;
}

bool one_of_names(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

class Reader {
public:
  explicit Reader(const Node& file) : file_(file) { config_.settings = default_settings(); }

  std::expected<SubmitConfig, std::vector<Complaint>> run() {
    for (const Entry& entry : file_.entries)
      if (one_of_names(kSettings, entry.name)) take(settings_keys(), entry, config_.settings);
    config_.transport = type_defaults(type(), config_.settings);
    config_.transport.name = "submit";
    for (const Entry& entry : file_.entries)
      read(entry);
    split_command();
    check_login();
    if (!complaints_.empty()) return std::unexpected(complaints_.sorted());
    return std::move(config_);
  }

private:
  template <class Target>
  void take(const std::vector<Key<Target>>& keys, const Entry& entry, Target& target) {
    lines_.emplace(entry.name, entry.line);
    find_key(keys, entry.name)->take(entry.value, target, complaints_);
  }

  // RFC 8314 3.3: what listens on port 465 speaks TLS from the first byte.
  TransportType type() {
    const Entry* const said = file_.find("type");
    const Entry* const port = file_.find("port");
    const bool implicit = port != nullptr && port->value.integer == 465;
    if (said == nullptr) return implicit ? TransportType::submissions : TransportType::submission;
    const bool known =
        said->value.kind == Node::Kind::text && one_of_names(kTypes, said->value.text);
    if (known) return *parse_transport_type(said->value.text);
    const std::string wrong = "type: " + said->value.shown() + " is no way to submit mail";
    complaints_.add(said->line, and_write(wrong, one_of_words(kTypes)));
    return TransportType::submission;
  }

  void read(const Entry& entry) {
    if (entry.name == "type" || one_of_names(kSettings, entry.name)) return;
    if (find_key(own_keys(), entry.name) != nullptr) return take(own_keys(), entry, config_);
    if (one_of_names(kOfTransport, entry.name))
      return take(transport_keys(), entry, config_.transport);
    if (entry.name == "password") {
      complaints_.add(entry.line, "a password never stands in this file; write password_command = "
                                  "[\"PROGRAM\", \"ARGUMENT\"], or password_file = \"FILE\"");
      return;
    }
    std::vector<std::string_view> known(kOfTransport.begin(), kOfTransport.end());
    known.insert(known.end(), kSettings.begin(), kSettings.end());
    known.push_back("type");
    for (const std::string_view name : names_of(own_keys()))
      known.push_back(name);
    std::string hint = did_you_mean(entry.name, known);
    if (hint.empty()) hint = "; waypost-submit(1) lists all keys";
    complaints_.add(entry.line, "unknown key " + quoted(entry.name) + hint);
  }

  // One text is a command line without quoting; a list has its words as they are.
  void split_command() {
    std::vector<std::string>& words = config_.password_command;
    const Entry* const said = file_.find("password_command");
    if (said == nullptr || said->value.kind != Node::Kind::text || words.size() != 1) return;
    const std::string line = words.front();
    words.clear();
    for (const std::string_view word : split(line, ' '))
      if (!word.empty()) words.emplace_back(word);
    if (words.empty()) complaints_.add(said->line, "password_command: it names no program");
  }

  // Who we are, and one way to show it.
  void check_login() {
    std::vector<std::string_view> ways;
    for (const std::string_view name : kPasswords)
      if (lines_.contains(name)) ways.push_back(name);
    const Transport& transport = config_.transport;
    const bool external = logs_in(transport) && transport.credential.empty();
    if (ways.size() > 1)
      complaints_.add(lines_.at(std::string(ways[1])),
                      std::string(ways[0]) + " and " + std::string(ways[1]) +
                          " both say where the password is; write one of them");
    if (lines_.contains("user") && ways.empty() && !external)
      complaints_.add(lines_.at("user"),
                      "user without a password; write password_command = [\"PROGRAM\"], "
                      "password_file = \"FILE\", or credential = \"NAME\"");
    if (!lines_.contains("user") && !ways.empty())
      complaints_.add(lines_.at(std::string(ways[0])),
                      std::string(ways[0]) + " without user; write user = \"alice\"");
    if (!ways.empty()) {
      if (transport.credential.empty()) config_.transport.credential = kOwnSecret;
      lines_.emplace("credential", lines_.at(std::string(ways[0])));
    }
    if (lines_.contains("user") != lines_.contains("credential")) return; // which was said above
    check_transport(config_.transport, 1, lines_, complaints_);
  }

  const Node& file_;
  SubmitConfig config_;
  KeyLines lines_;
  Complaints complaints_;
};

} // namespace

std::expected<SubmitConfig, std::vector<Complaint>> read_submit_config(std::string_view text,
                                                                       std::string_view path) {
  const std::expected<Node, Complaint> file = parse_document(text);
  if (!file) return std::unexpected(std::vector{file.error()});
  auto config = Reader(*file).run();
  if (config) config->settings.source = path;
  return config;
}

} // namespace waypost::submit
