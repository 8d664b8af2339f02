// Postfix as a null client or a relay: main.cf, and the texts of the tables that it names for
// relays, senders, destinations and passwords. What it does as a server has no equal.

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "lib/sys/text.h"
#include "route/import.h"
#include "route/main_cf.h"
#include "route/postfix_advice.h"

namespace waypost::route {
namespace {

struct Plain {
  std::string_view theirs;
  std::string_view ours;
};
// Values that stand in our file as they are.
constexpr Plain kTexts[] = {{"smtp_tls_CAfile", "ca"},
                            {"smtp_tls_cert_file", "client_cert"},
                            {"smtp_tls_key_file", "client_key"},
                            {"smtp_helo_name", "helo"},
                            {"smtp_bind_address", "source"}};

class Importer {
public:
  Importer(std::string_view text, const std::string& path, const ReadFile& read)
      : file_(base_name(path)),
        read_(read),
        all_(parse_main_cf(text)) {
    // postconf(5): by default what is behind the first dot of myhostname.
    const std::string host = value("myhostname");
    const std::size_t dot = host.find('.');
    if (dot != std::string::npos)
      all_.try_emplace("mydomain", host.substr(dot + 1), at("myhostname").line);
  }

  ImportDraft run() {
    settings();
    const std::string relay = value("relayhost");
    if (!relay.empty()) default_ = transport(relay, at("relayhost"));
    if (relay.empty() && all_.contains("relayhost") && !all_["relayhost"].value.empty())
      draft_.note(at("relayhost"), "relayhost: it names what main.cf does not set");
    transport_table();
    sender_table();
    fallback();
    if (!default_.empty()) draft_.rules.push_back(import_rule(default_, at("relayhost")));
    for (const PostfixAdvice& one : postfix_advice())
      if (!value(one.name).empty())
        draft_.note(at(one.name), std::string(one.name) + ": " + std::string(one.advice));
    return std::move(draft_);
  }

private:
  [[nodiscard]] std::string value(std::string_view name) const {
    const auto found = all_.find(name);
    return found == all_.end() ? "" : std::string(trim(expand_main_cf(found->second.value, all_)));
  }
  [[nodiscard]] ImportOrigin at(std::string_view name) const {
    const auto found = all_.find(name);
    return {file_, found == all_.end() ? 1 : found->second.line};
  }
  [[nodiscard]] bool yes(std::string_view name) const { return value(name) == "yes"; }

  void setting(const char* theirs, std::string ours, Node node) {
    draft_.settings.push_back({std::move(ours), std::move(node), at(theirs).text()});
  }

  void settings() {
    const std::string name = value("myhostname");
    if (!name.empty()) setting("myhostname", "hostname", text_node(name));
    const auto size = parse_number(value("message_size_limit"), std::uint64_t{1} << 50);
    if (size)
      setting("message_size_limit", "size_max", integer_node(static_cast<std::int64_t>(*size)));
    // postconf(5): days without a unit.
    std::string lifetime = value("maximal_queue_lifetime");
    if (parse_number(lifetime)) lifetime += "d";
    if (!lifetime.empty()) setting("maximal_queue_lifetime", "expire_after", text_node(lifetime));
    std::string delay = value("delay_warning_time");
    if (delay == "0h" || delay == "0") delay = "0s";
    if (parse_number(delay)) delay += "h";
    if (!delay.empty()) setting("delay_warning_time", "delay_notice_after", text_node(delay));
    local_domains();
    aliases();
  }

  // As newaliases(1) finds it: the first is the file, and there are no others.
  void aliases() {
    bool first = true;
    for (const std::string& one : postfix_words(value("alias_maps"))) {
      std::string_view path = one;
      const bool text = is_text(cut(path, ':'));
      if (!text || !std::exchange(first, false)) {
        draft_.note(at("alias_maps"), printable(one) + ": aliases are those of alias_file alone");
      } else if (path != "/etc/aliases") {
        setting("alias_maps", "alias_file", text_node(std::string(path)));
      }
    }
  }

  // Empty is a value of its own: nothing ends here. What refers to a name that main.cf does not set
  // has Postfix's default in it, which only Postfix knows.
  void local_domains() {
    const auto found = all_.find("mydestination");
    if (found == all_.end()) return;
    const std::string& text = found->second.value;
    for (const char* const known : {"myhostname", "mydomain"})
      if (text.find(known) != std::string::npos && !all_.contains(known))
        return draft_.note(at("mydestination"),
                           "mydestination: " + std::string(known) +
                               " is not set; local_domains says what ends here");
    std::vector<Node> domains;
    std::set<std::string> seen; // Debian writes the name beside $myhostname
    for (const std::string& name : postfix_words(value("mydestination"))) {
      if (name.find_first_of(":/") == std::string::npos) {
        if (seen.insert(ascii_lower(name)).second) domains.push_back(text_node(name));
      } else {
        draft_.note(at("mydestination"),
                    printable(name) + ": it is not read; local_domains lacks the domains in it");
      }
    }
    setting("mydestination", "local_domains", list_node(std::move(domains)));
  }

  // The name of the transport that goes to that next hop, made when it is not there.
  std::string transport(const std::string& hops, const ImportOrigin& where) {
    const std::vector<std::string> all = postfix_words(hops);
    const std::string hop_text = all.empty() ? hops : all.front();
    for (std::size_t i = 1; i < all.size(); ++i)
      draft_.note(where, printable(all[i]) + ": only the first of several next hops is taken");
    const auto known = names_.find(hop_text);
    if (known != names_.end()) return known->second;
    const NextHop hop = postfix_next_hop(hop_text);
    ImportedTable table;
    table.name = import_name(hop.host);
    while (std::ranges::any_of(
        draft_.transports, [&](const ImportedTable& other) { return other.name == table.name; }))
      table.name += "_";
    table.origin = where.text();
    const bool implicit = yes("smtp_tls_wrappermode");
    const bool submission = hop.port == "587" || hop.port == "submission";
    const char* const type = implicit ? "submissions" : submission ? "submission" : "smtp";
    table.add("type", text_node(type), where);
    table.add("host", text_node(hop.host), where);
    const bool named = hop.port == "submission" || hop.port == "submissions" || hop.port == "smtps";
    if (!hop.port.empty() && !named && hop.port != "smtp")
      import_port(draft_, table, hop.port, where);
    if (hop.port.empty() && implicit) table.add("port", integer_node(25), where);
    if (hop.by_mx)
      draft_.note(where, printable(hop.host) + ": Postfix looks up its MX, waypost takes it for a "
                                               "host; name the host if it is none");
    add_tls(table, hop_text, where);
    add_common(table);
    names_[hop_text] = table.name;
    draft_.transports.push_back(std::move(table));
    return names_[hop_text];
  }

  void add_tls(ImportedTable& table, const std::string& hop, const ImportOrigin& where) {
    const bool login = yes("smtp_sasl_auth_enable") && add_login(table, hop, where);
    std::string level = value("smtp_tls_security_level");
    const char* said = "smtp_tls_security_level";
    if (level.empty() && yes("smtp_enforce_tls")) {
      level = "encrypt";
      said = "smtp_enforce_tls";
    } else if (level.empty() && yes("smtp_use_tls")) {
      level = "may";
      said = "smtp_use_tls";
    }
    const bool verified = level == "verify" || level == "secure" || level == "dane-only";
    if (level == "fingerprint" || level.starts_with("dane"))
      draft_.note(at(said), level + ": waypost knows no DANE; pin takes the hash of a public key");
    if (login && !verified) {
      table.add("tls", text_node("verified"), where);
      draft_.note(at(said), "waypost shows a password only with a verified certificate: tls = "
                            "\"verified\" in " +
                                table.name);
    } else if (!level.empty() || !yes("smtp_tls_wrappermode")) {
      const char* const ours = verified                                       ? "verified"
                               : level == "may"                               ? "opportunistic"
                               : level == "dane"                              ? "opportunistic"
                               : level == "encrypt" || level == "fingerprint" ? "required"
                                                                              : "off";
      table.add("tls", text_node(ours), at(said));
    }
  }

  void add_common(ImportedTable& table) {
    for (const Plain& one : kTexts)
      if (!value(one.theirs).empty())
        table.add(std::string(one.ours), text_node(value(one.theirs)), at(one.theirs));
    const std::string family = value("inet_protocols");
    if (family == "ipv4" || family == "ipv6")
      table.add("family", text_node(family), at("inet_protocols"));
    for (const char* const name :
         {"smtp_destination_concurrency_limit", "default_destination_concurrency_limit"}) {
      const auto limit = parse_number(value(name), 10'000);
      if (!limit || *limit == 0) continue;
      table.add("connections", integer_node(static_cast<std::int64_t>(*limit)), at(name));
      break;
    }
  }

  // A table that is made of a text of the same name.
  static bool is_text(std::string_view kind) {
    const std::set<std::string_view> texts{"hash", "texthash", "lmdb", "btree", "cdb", "dbm"};
    return texts.contains(kind);
  }

  // The text of a table "hash:/etc/postfix/NAME", the first that can be read.
  std::vector<PostfixEntry> table_of(std::string_view name, std::string& file) {
    std::optional<std::vector<PostfixEntry>> entries;
    for (const std::string& one : postfix_words(value(name))) {
      std::string_view path = one;
      const Result<std::string> text = !is_text(cut(path, ':'))
                                           ? fail("it is no table with a text beside it")
                                       : entries ? fail("only the first table is read")
                                                 : read_(std::string(path));
      if (!text) {
        draft_.note(at(name), printable(name) + ": " + printable(text.error().text));
        continue;
      }
      file = base_name(path);
      entries = parse_postfix_table(*text);
    }
    return entries.value_or(std::vector<PostfixEntry>());
  }

  // Of the line only the user is taken; what is behind the colon is never looked at.
  bool add_login(ImportedTable& table, const std::string& hop, const ImportOrigin& where) {
    std::string file;
    const std::string host = postfix_next_hop(hop).host;
    for (const PostfixEntry& one : table_of("smtp_sasl_password_maps", file)) {
      if (one.key != hop && one.key != host && one.key != "[" + host + "]") continue;
      std::string_view rest = one.value;
      const ImportOrigin origin{file, one.line};
      import_login(draft_, table, std::string(cut(rest, ':')), origin,
                   "the password stands in " + origin.text());
      add_mechanisms(table);
      return true;
    }
    draft_.note(where, "smtp_sasl_auth_enable: no line of smtp_sasl_password_maps is for " +
                           printable(hop));
    return false;
  }

  void add_mechanisms(ImportedTable& table) {
    std::vector<Node> names;
    std::string filter = value("smtp_sasl_mechanism_filter");
    std::ranges::replace(filter, ',', ' ');
    for (const std::string_view one : split(filter, ' '))
      if (!one.empty() && one.front() != '!' && one.find(':') == std::string_view::npos)
        names.push_back(text_node(std::string(one)));
    if (!names.empty())
      table.add("mechanisms", list_node(std::move(names)), at("smtp_sasl_mechanism_filter"));
  }

  // transport(5): "example.com smtp:[host]:25", ".example.com", "*". A name goes before what is
  // above it, wherever they stand.
  void transport_table() {
    std::string file;
    std::vector<PostfixEntry> entries = table_of("transport_maps", file);
    const auto rank = [](const PostfixEntry& one) {
      if (one.key == "*") return std::string::npos;
      return one.key.starts_with('.') ? std::string::npos - one.key.size() : 0;
    };
    std::ranges::stable_sort(entries, {}, rank);
    for (const PostfixEntry& one : entries) {
      const ImportOrigin where{file, one.line};
      const auto is_parent = [&](const PostfixEntry& other) { return "." + other.key == one.key; };
      if (one.key.starts_with('.') && std::ranges::none_of(entries, is_parent))
        draft_.note(where, printable(one.key) + ": the rule is for " +
                               printable(one.key.substr(1)) +
                               " itself too, which in Postfix has a line of its own");
      destination(one, where);
    }
  }

  void destination(const PostfixEntry& one, const ImportOrigin& where) {
    std::string_view rest = one.value;
    const std::string_view kind = cut(rest, ':');
    const bool mail = kind.empty() || kind == "smtp" || kind == "relay";
    if (one.key.find('@') != std::string::npos)
      return draft_.note(where, "a rule is for a domain, not for one address");
    if (!mail) return draft_.note(where, printable(kind) + ": only SMTP has an equal");
    // Neither transport nor next hop: as if the line were not there.
    const std::string without = kind.empty() && !default_.empty() ? default_ : "direct";
    const std::string name = rest.empty() ? without : transport(std::string(rest), where);
    ImportedTable rule = import_rule(name, where);
    if (one.key != "*") {
      rule.add("to", list_node({text_node(one.key)}), where);
    } else if (draft_.rules.empty()) {
      draft_.note(where, "*: it stands behind all other rules");
    }
    draft_.rules.push_back(std::move(rule));
  }

  // "@example.org [host]:587"; a whole address has no equal.
  void sender_table() {
    std::string file;
    std::vector<ImportedTable> rules;
    for (const PostfixEntry& one : table_of("sender_dependent_relayhost_maps", file)) {
      const ImportOrigin where{file, one.line};
      if (!one.key.starts_with('@') || one.value.empty()) {
        draft_.note(where, "a rule is for a sender's domain, not for one address");
        continue;
      }
      ImportedTable rule = import_rule(transport(one.value, where), where);
      rule.add("from", list_node({text_node(one.key.substr(1))}), where);
      rules.push_back(std::move(rule));
    }
    // transport(5) goes before it in Postfix too.
    draft_.rules.insert(draft_.rules.end(), rules.begin(), rules.end());
  }

  void fallback() {
    const std::string other = value("smtp_fallback_relay");
    if (other.empty()) return;
    const ImportOrigin where = at("smtp_fallback_relay");
    ImportedTable rule = import_rule(transport(other, where), where);
    rule.add("after", list_node({text_node("unreachable"), text_node("dns")}),
             at("smtp_fallback_relay"));
    draft_.rules.push_back(std::move(rule));
  }

  std::string file_;
  const ReadFile& read_;
  PostfixParameters all_;
  std::map<std::string, std::string> names_; // of next hops
  std::string default_;
  ImportDraft draft_;
};

} // namespace

ImportDraft import_postfix(std::string_view main_cf, const std::string& path,
                           const ReadFile& read) {
  return Importer(main_cf, path, read).run();
}

} // namespace waypost::route
