// msmtp's configuration, msmtprc: accounts of lines "command value", defaults, inheritance.

#include <algorithm>
#include <map>
#include <set>

#include "lib/sys/text.h"
#include "route/import.h"

namespace waypost::route {
namespace {

struct Setting {
  std::string value;
  unsigned line = 0;
};

struct Account {
  std::string name;
  unsigned line = 0;
  std::map<std::string, Setting, std::less<>> settings;
};

// A value may stand in double quotes; nothing is escaped in them.
std::string_view unquoted(std::string_view value) {
  const bool quotes = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return quotes ? value.substr(1, value.size() - 2) : value;
}

// What says nothing of the way that mail takes, or what waypost does anyway.
constexpr std::string_view kOfNoWeight[] = {"protocol",
                                            "auto_from",
                                            "set_date_header",
                                            "set_msgid_header",
                                            "remove_bcc_headers",
                                            "undisclosed_recipients",
                                            "add_missing_from_header",
                                            "add_missing_date_header",
                                            "allow_from_override",
                                            "logfile_time_format",
                                            "tls_priorities",
                                            "tls_min_dh_prime_bits"};

struct Equal {
  std::string_view theirs;
  std::string_view advice;
};
constexpr Equal kNotes[] = {
    {"aliases", "it holds for names of local_domains, and \"default\" is a name like any other"},
    {"set_from_header", "waypost leaves the From field as it came"},
    {"maildomain", "write hostname, the domain that local names get"},
    {"dsn_notify", "sendmail -N says it for each message"},
    {"dsn_return", "sendmail -R says it for each message"},
    {"logfile", "waypost logs on standard error, for its supervisor"},
    {"syslog", "waypost logs on standard error, for its supervisor"},
    {"proxy_host", "a smarthost is reached without a proxy; type socks is for direct delivery"},
    {"proxy_port", "a smarthost is reached without a proxy; type socks is for direct delivery"},
    {"socket", "a server on a local socket is not reached"},
    {"tls_crl_file", "revocation lists are not looked at"},
    {"tls_fingerprint", "pin takes the hash of the server's public key, not of its certificate"},
    {"tls_host_override", "the certificate must be for host"},
    {"ntlmdomain", "NTLM is not spoken"},
    {"eval", "no command is run to make the configuration"}};

class Importer {
public:
  Importer(std::string_view text, const std::string& path) : file_(base_name(path)) { read(text); }

  ImportDraft run() {
    const Account* const by_default = default_account();
    for (const Account& one : accounts_)
      if (one.settings.contains("host"))
        transport(one);
      else
        draft_.note({file_, one.line}, "account " + printable(one.name) + " has no host");
    local_mail(by_default);
    std::string domain;
    if (by_default != nullptr) take_senders_of(*by_default, domain);
    for (const Account& one : accounts_)
      if (&one != by_default) sender_rule(one);
    if (by_default != nullptr && by_default->settings.contains("host"))
      draft_.rules.push_back(import_rule(names_.at(by_default), {file_, by_default->line}));
    return std::move(draft_);
  }

private:
  void read(std::string_view text) {
    unsigned number = 0;
    while (!text.empty()) {
      ++number;
      std::string_view line = cut(text, '\n');
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
        line.remove_suffix(1);
      line = trim(line);
      if (line.empty() || line.front() == '#') continue;
      const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
      command(std::string(line.substr(0, end)), unquoted(trim(line.substr(end))), number);
    }
  }

  void command(const std::string& name, std::string_view value, unsigned line) {
    if (name == "account") return account(value, line);
    if (name == "defaults") {
      in_defaults_ = true;
    } else if (in_defaults_) {
      defaults_[name] = {std::string(value), line};
    } else if (accounts_.empty()) {
      accounts_.push_back({"default", line, defaults_}); // a file of one account without a name
      accounts_.back().settings[name] = {std::string(value), line};
    } else {
      accounts_.back().settings[name] = {std::string(value), line};
    }
  }

  // "account NAME [: PARENT[,PARENT]]"
  void account(std::string_view value, unsigned line) {
    in_defaults_ = false;
    std::string_view rest = value;
    Account made{std::string(trim(cut(rest, ':'))), line, defaults_};
    for (const std::string_view parent : split(rest, ',')) {
      const auto found = std::ranges::find(accounts_, trim(parent), &Account::name);
      if (found == accounts_.end()) continue;
      for (const auto& [key, setting] : found->settings)
        made.settings[key] = setting;
      if (made.name == "default") default_is_ = found->name;
    }
    accounts_.push_back(std::move(made));
  }

  // Its name "default", or the first. "account default : x" is x itself, with what stands behind.
  const Account* default_account() {
    if (!default_is_.empty() && accounts_.back().name == "default") {
      const Account last = std::move(accounts_.back());
      accounts_.pop_back();
      const auto same = std::ranges::find(accounts_, default_is_, &Account::name);
      same->settings = last.settings;
      return &*same;
    }
    const auto found = std::ranges::find(accounts_, "default", &Account::name);
    if (found != accounts_.end()) return &*found;
    return accounts_.empty() ? nullptr : &accounts_.front();
  }

  void transport(const Account& account) {
    account_ = &account;
    table_ = {};
    table_.name = import_name(account.name == "default" ? "msmtp" : account.name);
    while (std::ranges::any_of(draft_.transports,
                               [&](const auto& other) { return other.name == table_.name; }))
      table_.name += "_";
    names_[&account] = table_.name;
    table_.origin = ImportOrigin{file_, account.line}.text();
    way();
    login();
    certificates();
    for (const auto& [name, setting] : account.settings)
      other(name, setting);
    draft_.transports.push_back(std::move(table_));
  }

  [[nodiscard]] const Setting* get(std::string_view name) const {
    const auto found = account_->settings.find(name);
    return found == account_->settings.end() ? nullptr : &found->second;
  }
  [[nodiscard]] bool on(std::string_view name, bool otherwise) const {
    const Setting* const found = get(name);
    return found == nullptr ? otherwise : found->value != "off";
  }
  [[nodiscard]] ImportOrigin at(const Setting& setting) const { return {file_, setting.line}; }
  void take(std::string_view theirs, std::string ours) {
    const Setting* const found = get(theirs);
    if (found != nullptr) table_.add(std::move(ours), text_node(found->value), at(*found));
  }

  void way() {
    const Setting& host = *get("host");
    const Setting* const tls = get("tls");
    const bool encrypted = on("tls", false);
    const bool starttls = on("tls_starttls", true);
    const char* const type = !encrypted ? "smtp" : starttls ? "submission" : "submissions";
    const Setting& said = tls == nullptr ? host : *tls;
    table_.add("type", text_node(type), at(said));
    table_.add("host", text_node(host.value), at(host));
    const Setting* const port = get("port");
    if (port != nullptr) import_port(draft_, table_, port->value, at(*port));
    // msmtp's default is 25, whatever TLS is.
    if (port == nullptr && encrypted && starttls) table_.add("port", integer_node(25), at(host));
    if (!encrypted) table_.add("tls", text_node("off"), at(said));
    const Setting* const check = get("tls_certcheck");
    if (encrypted && check != nullptr && check->value == "off")
      table_.add("tls", text_node("required"), at(*check));
  }

  void login() {
    const Setting* const auth = get("auth");
    const Setting* const user = get("user");
    if (auth == nullptr || auth->value == "off") return;
    if (user == nullptr)
      return draft_.note(at(*auth), "auth without user: write user and credential yourself");
    std::string secret = "the password that msmtp found in the system's keyring, or asked for";
    for (const char* const one : {"password", "passwordeval"}) {
      const Setting* const found = get(one);
      if (found != nullptr)
        secret = (one == std::string_view("password") ? "the password stands in "
                                                      : "the command of passwordeval prints it: ") +
                 at(*found).text();
    }
    import_login(draft_, table_, user->value, at(*user), secret);
    if (auth->value != "on") {
      std::string name = auth->value;
      std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      });
      table_.add("mechanisms", list_node({text_node(name)}), at(*auth));
    }
    if (on("tls", false)) return;
    draft_.note(at(*auth), "a login without TLS: waypost shows a password in clear text only with "
                           "cleartext_auth = true beside tls = \"off\"");
  }

  void certificates() {
    const Setting* const trust = get("tls_trust_file");
    if (trust != nullptr && trust->value != "system") take("tls_trust_file", "ca");
    take("tls_cert_file", "client_cert");
    take("tls_key_file", "client_key");
    take("domain", "helo");
    take("source_ip", "source");
    const Setting* const timeout = get("timeout");
    if (timeout == nullptr || timeout->value == "off") return;
    table_.add("timeout_connect", text_node(timeout->value + "s"), at(*timeout));
  }

  // Everything else has a note, once.
  void other(const std::string& name, const Setting& setting) {
    constexpr std::string_view kTaken[] = {
        "host",          "port",           "tls",           "tls_starttls",
        "tls_certcheck", "auth",           "user",          "password",
        "passwordeval",  "tls_trust_file", "tls_cert_file", "tls_key_file",
        "domain",        "source_ip",      "timeout",       "from"};
    if (std::ranges::find(kTaken, name) != std::end(kTaken)) return;
    if (std::ranges::find(kOfNoWeight, name) != std::end(kOfNoWeight)) return;
    if (!noted_.emplace(setting.line, true).second) return;
    const auto* const known = std::ranges::find(kNotes, name, &Equal::theirs);
    draft_.note(at(setting),
                printable(name) + ": " +
                    std::string(known == std::end(kNotes) ? "waypost knows nothing like it"
                                                          : known->advice));
  }

  // Names of this machine are what its aliases say; without aliases they leave like all others.
  void local_mail(const Account* by_default) {
    const auto aliases =
        by_default == nullptr ? defaults_.end() : by_default->settings.find("aliases");
    if (by_default == nullptr || aliases == by_default->settings.end()) {
      draft_.settings.push_back(import_no_local_mail("msmtp"));
    } else {
      draft_.settings.push_back(
          {"alias_file", text_node(aliases->second.value), at(aliases->second).text()});
    }
  }

  // The domain of from; false: there is none, or its senders have an account already.
  bool take_senders_of(const Account& account, std::string& domain) {
    const auto from = account.settings.find("from");
    if (from == account.settings.end()) return false;
    const std::size_t sign = from->second.value.rfind('@');
    if (sign == std::string::npos) {
      draft_.note(at(from->second), "from: it has no domain");
      return false;
    }
    domain = from->second.value.substr(sign + 1);
    if (senders_.insert(ascii_lower(domain)).second) return true;
    draft_.note(at(from->second),
                "from: a rule is for a sender's domain, and another account has " +
                    printable(domain) + " already");
    return false;
  }

  // msmtp chooses an account by the sender's address, waypost by its domain.
  void sender_rule(const Account& account) {
    std::string domain;
    if (!names_.contains(&account) || !take_senders_of(account, domain)) return;
    const Setting& from = account.settings.find("from")->second;
    ImportedTable rule = import_rule(names_.at(&account), at(from));
    rule.add("from", list_node({text_node(domain)}), at(from));
    draft_.rules.push_back(std::move(rule));
  }

  std::string file_;
  bool in_defaults_ = false;
  std::map<std::string, Setting, std::less<>> defaults_;
  std::vector<Account> accounts_;
  std::string default_is_;
  const Account* account_ = nullptr;
  ImportedTable table_;
  std::map<const Account*, std::string> names_;
  std::map<unsigned, bool> noted_;
  std::set<std::string> senders_; // domains whose mail has an account
  ImportDraft draft_;
};

} // namespace

ImportDraft import_msmtp(std::string_view text, const std::string& path) {
  return Importer(text, path).run();
}

} // namespace waypost::route
