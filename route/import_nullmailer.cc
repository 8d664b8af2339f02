// nullmailer's folder: remotes, a line a server, and files of one value beside it.

#include <algorithm>
#include <utility>

#include "lib/sys/text.h"
#include "route/import.h"

namespace waypost::route {
namespace {

// Words of a line as a shell divides them: quotes of both kinds, and backslashes.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool any = false;
  char quote = '\0';
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      word += line[++i];
      any = true;
    } else if (quote != '\0') {
      if (c == quote) quote = '\0';
      if (c != quote && quote != '\0') word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      any = true;
    } else if (c == ' ' || c == '\t') {
      if (any) words.push_back(std::exchange(word, {}));
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(std::move(word));
  return words;
}

struct Advice {
  std::string_view file;
  std::string_view advice;
};
// Files whose value has another form with us.
constexpr Advice kFiles[] = {
    {"adminaddr", "root_to is for root alone; name the other users in the file of aliases"},
    {"allmailfrom", "from_rewrite gives senders of this machine another address"},
    {"defaultdomain", "a sender without a domain gets hostname"},
    {"defaulthost", "a sender without a domain gets hostname"},
    {"idhost", "Message-ID has hostname"},
    {"pausetime", "retry says when mail is tried again"},
    {"maxpause", "retry says when mail is tried again"},
    {"queuelifetime", "retry and expire_after say when mail is given up"},
    {"bounceto", "notices go to the sender, and to postmaster"},
    {"doublebounceto", "write postmaster, who gets what nobody else can be told"}};

class Importer {
public:
  Importer(const std::string& path, const ReadFile& read)
      : file_(base_name(path)),
        folder_(path.substr(0, path.rfind('/') + 1)),
        read_(read) {}

  ImportDraft run(std::string_view remotes) {
    unsigned number = 0;
    while (!remotes.empty()) {
      ++number;
      std::string_view line = cut(remotes, '\n');
      if (line.ends_with('\r')) line.remove_suffix(1);
      line = trim(line);
      if (!line.empty() && line.front() != '#') remote(words_of(line), {file_, number});
    }
    rules();
    beside();
    return std::move(draft_);
  }

private:
  void remote(const std::vector<std::string>& words, const ImportOrigin& where) {
    if (words.empty()) return;
    table_ = {};
    table_.name = draft_.transports.empty()
                      ? "nullmailer"
                      : "nullmailer" + std::to_string(draft_.transports.size() + 1);
    table_.origin = where.text();
    user_.clear();
    mechanism_.clear();
    secret_ = ssl_ = starttls_ = insecure_ = false;
    const bool has_protocol = words.size() > 1 && !words[1].starts_with("-");
    if (has_protocol && words[1] != "smtp")
      return draft_.note(where, "protocol " + quoted(words[1]) + ": only SMTP is spoken");
    for (std::size_t i = has_protocol ? 2 : 1; i < words.size(); ++i)
      option(words[i], where);
    way(words.front(), where);
    if (!user_.empty())
      import_login(draft_, table_, user_, where,
                   secret_ ? "the password stands in " + where.text() : "its password");
    if (!user_.empty() && !mechanism_.empty())
      table_.add("mechanisms", list_node({text_node(mechanism_)}), where);
    if (!user_.empty() && !ssl_ && !starttls_)
      draft_.note(where, "a login without TLS: with type submission the password is shown only "
                         "after STARTTLS, with a verified certificate");
    origins_.push_back(where);
    draft_.transports.push_back(std::move(table_));
  }

  void option(const std::string& word, const ImportOrigin& where) {
    // What stands alone may be a value, and that may be a password.
    if (!word.starts_with("--"))
      return draft_.note(where, "a word that is no option is passed over: it is not shown here");
    std::string_view rest = word;
    while (rest.starts_with('-'))
      rest.remove_prefix(1);
    const std::string_view name = cut(rest, '=');
    const std::string value(rest);
    if (name == "port") return import_port(draft_, table_, value, where);
    if (name == "user") {
      user_ = value;
    } else if (name == "pass") {
      secret_ = true;
    } else if (name == "auth-login") {
      mechanism_ = "LOGIN";
    } else if (name == "ssl" || name == "tls") {
      ssl_ = true;
    } else if (name == "starttls") {
      starttls_ = true;
    } else if (name == "insecure") {
      insecure_ = true;
    } else if (name == "x509cafile") {
      table_.add("ca", text_node(value), where);
    } else if (name == "source") {
      table_.add("source", text_node(value), where);
    } else if (name == "x509certfile") {
      draft_.note(where, "x509certfile: write client_cert and client_key, two files");
    } else {
      draft_.note(where, printable(name) + ": waypost knows nothing like it");
    }
  }

  void way(const std::string& host, const ImportOrigin& where) {
    const bool login = !user_.empty();
    const char* const type = ssl_ ? "submissions" : starttls_ || login ? "submission" : "smtp";
    table_.keys.insert(table_.keys.begin(), {{"type", text_node(type), where.text()},
                                             {"host", text_node(host), where.text()}});
    const bool port =
        std::ranges::any_of(table_.keys, [](const ImportedKey& key) { return key.name == "port"; });
    // nullmailer's default is 25 but for TLS from the first byte.
    if (!port && !ssl_ && (starttls_ || login)) table_.add("port", integer_node(25), where);
    if (insecure_ && (ssl_ || starttls_)) table_.add("tls", text_node("required"), where);
    if (!ssl_ && !starttls_ && !login) table_.add("tls", text_node("off"), where);
  }

  // nullmailer tries the servers in order until one takes it; here the nth attempt goes by the nth.
  void rules() {
    const std::size_t count = draft_.transports.size();
    if (count > 1)
      draft_.note(origins_.back(),
                  "several servers: the second attempt goes by the second one, and "
                  "so on; the last keeps all further ones");
    for (std::size_t i = count; i > 0; --i) {
      ImportedTable rule = import_rule(draft_.transports[i - 1].name, origins_[i - 1]);
      if (i > 1) rule.add("attempt", integer_node(static_cast<std::int64_t>(i)), origins_[i - 1]);
      draft_.rules.push_back(std::move(rule));
    }
  }

  // The value of a file: its first line.
  [[nodiscard]] std::string value_of(std::string_view name) const {
    const Result<std::string> text = read_(folder_ + std::string(name));
    if (!text) return "";
    std::string_view rest = *text;
    return std::string(trim(cut(rest, '\n')));
  }

  void beside() {
    const std::string me = value_of("me");
    if (!me.empty()) draft_.settings.push_back({"hostname", text_node(me), "me:1"});
    const std::string admin = value_of("adminaddr");
    draft_.settings.push_back(admin.empty()
                                  ? import_no_local_mail("nullmailer")
                                  : ImportedKey{"root_to", text_node(admin), "adminaddr:1"});
    const std::string helo = value_of("helohost");
    for (ImportedTable& one : draft_.transports)
      if (!helo.empty()) one.keys.push_back({"helo", text_node(helo), "helohost:1"});
    const std::string timeout = value_of("sendtimeout");
    for (ImportedTable& one : draft_.transports)
      if (!timeout.empty() && timeout != "0")
        one.keys.push_back({"timeout_final", text_node(timeout + "s"), "sendtimeout:1"});
    for (const Advice& one : kFiles)
      if (!value_of(one.file).empty())
        draft_.note({std::string(one.file), 1}, std::string(one.advice));
  }

  std::string file_;
  std::string folder_;
  const ReadFile& read_;
  ImportedTable table_;
  std::string user_;
  std::string mechanism_;
  bool secret_ = false;
  bool ssl_ = false;
  bool starttls_ = false;
  bool insecure_ = false;
  std::vector<ImportOrigin> origins_;
  ImportDraft draft_;
};

} // namespace

ImportDraft import_nullmailer(std::string_view remotes, const std::string& path,
                              const ReadFile& read) {
  return Importer(path, read).run(remotes);
}

} // namespace waypost::route
