#include "route/transports_section.h"

#include <algorithm>
#include <array>

#include "lib/sys/home.h"
#include "lib/sys/text.h"
#include "route/section.h"
#include "route/transport_check.h"

namespace waypost::route {
namespace {

constexpr std::array<std::string_view, 10> kTypeNames{"direct", "smtp", "submission", "submissions",
                                                      "socks",  "fail", "maildir",    "mbox",
                                                      "lmtp",   "pipe"};

constexpr std::array<std::string_view, 4> kBuiltIn{"direct", kLocalTransport, kRootTransport,
                                                   kAliasesTransport};

bool is_submission(TransportType type) {
  return type == TransportType::submission || type == TransportType::submissions;
}

std::string types_of(const Key<Transport>& key) {
  std::vector<std::string_view> words;
  for (const std::string_view word : kTypeNames) {
    if (key.types.has(*parse_transport_type(word))) words.push_back(word);
  }
  return one_of_words(words);
}

// The transports that are always there.
std::optional<TransportType> built_in_type(std::string_view name) {
  if (name == "direct") return TransportType::direct;
  if (name == kLocalTransport || name == kRootTransport) return TransportType::mbox;
  if (name == kAliasesTransport) return TransportType::aliases;
  return std::nullopt;
}

bool may_be(std::string_view name, TransportType type) {
  const std::optional<TransportType> built_in = built_in_type(name);
  if (!built_in) return type != TransportType::aliases;
  if (*built_in == TransportType::mbox) return is_local(type) && type != TransportType::aliases;
  return type == *built_in;
}

std::string wanted_type(std::string_view name) {
  const std::optional<TransportType> built_in = built_in_type(name);
  if (!built_in) return "\"aliases\" is the type of the transport \"aliases\" alone";
  if (*built_in == TransportType::mbox) {
    return "the transport " + quoted(name) +
           " delivers on this machine: write \"maildir\", \"mbox\", \"lmtp\" or \"pipe\", or give "
           "this one another name";
  }
  return "the transport " + quoted(name) + " is always of type " +
         quoted(waypost::name(*built_in)) + "; give this one another name";
}

// Who delivers where it is not the recipient: nobody is the recipient of an alias's command, and
// root never delivers.
void set_owner(Transport& transport) {
  if (!transport.user.empty()) return;
  if (transport.name == kRootTransport) transport.user = "mail";
  if (transport.type == TransportType::aliases || transport.type == TransportType::lmtp)
    transport.user = "nobody";
}

// Names go into logs, histories and the command line.
bool valid_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() != '-' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

// [transport.my.relay] is a table "relay" in a table "my".
bool dots_without_quotes(const Entry& entry, Complaints& complaints) {
  const auto& entries = entry.value.entries;
  const auto is_table = [](const Entry& below) { return below.value.kind == Node::Kind::table; };
  if (entries.empty() || !std::ranges::all_of(entries, is_table)) return false;
  for (const Entry& below : entries) {
    const std::string dotted = entry.name + "." + below.name;
    complaints.add(below.line, "transport." + printable(dotted) +
                                   " without quotes is a table in a table; a name with dots needs "
                                   "quotes: [transport." +
                                   quoted(dotted) + "]");
  }
  return true;
}

class TransportsReader {
public:
  TransportsReader(const Node& file, const Settings& settings, Complaints& complaints)
      : settings_(settings),
        complaints_(complaints),
        defaults_(file.find("defaults")) {
    if (defaults_ != nullptr) check_defaults();
  }

  [[nodiscard]] const KeyLines& default_lines() const { return default_lines_; }

  // One of those that are always there, as it is when the file does not name it.
  Transport built_in(std::string_view name) {
    lines_.clear();
    Transport transport = with_defaults(std::string(name), *built_in_type(name));
    set_owner(transport);
    return transport;
  }

  Transport read(const Entry& entry) {
    if (!valid_name(entry.name)) {
      complaints_.add(entry.line, "transport name " + quoted(entry.name) +
                                      " is not of letters, digits, - _ and . (64 at most)");
    }
    lines_.clear();
    if (entry.value.find("type") == nullptr && dots_without_quotes(entry, complaints_)) {
      return with_defaults(entry.name, TransportType::direct);
    }
    const std::optional<TransportType> type = read_type(entry);
    Transport transport = with_defaults(entry.name, type.value_or(TransportType::direct));
    set_owner(transport);
    for (const Entry& key : entry.value.entries) {
      if (key.name != "type") read_key(key, transport, entry.name, type);
    }
    if (type) check_transport(transport, entry.line, lines_, complaints_);
    return transport;
  }

private:
  void check_defaults() {
    if (defaults_->value.kind != Node::Kind::table) {
      complaints_.add(defaults_->line, "defaults is not a table; write [defaults]");
      defaults_ = nullptr;
      return;
    }
    Transport scratch;
    for (const Entry& key : defaults_->value.entries) {
      if (key.name == "type") {
        complaints_.add(key.line, "type cannot be a default; write it in each [transport.NAME]");
      } else {
        take_key(transport_keys(), key, scratch, "[defaults]", default_lines_, complaints_);
      }
    }
  }

  // [defaults] has been complained of once already.
  Transport with_defaults(const std::string& name, TransportType type) {
    Transport transport = type_defaults(type, settings_);
    transport.name = name;
    if (defaults_ == nullptr) return transport;
    Complaints ignored;
    for (const Entry& entry : defaults_->value.entries) {
      const Key<Transport>* key = find_key(transport_keys(), entry.name);
      if (key == nullptr || !key->types.has(type)) continue;
      key->take(entry.value, transport, ignored);
      lines_.emplace(entry.name, entry.line);
    }
    return transport;
  }

  std::optional<TransportType> read_type(const Entry& entry) {
    const std::optional<TransportType> built_in = built_in_type(entry.name);
    const Entry* type = entry.value.find("type");
    if (type == nullptr) {
      if (built_in) return built_in;
      complaints_.add(entry.line, "[transport." + printable(entry.name) +
                                      "] has no type; write type = " + one_of_words(kTypeNames));
      return std::nullopt;
    }
    const bool is_text = type->value.kind == Node::Kind::text;
    const auto found = is_text ? parse_transport_type(type->value.text) : std::nullopt;
    if (!found) {
      const std::string hint = is_text ? did_you_mean(type->value.text, kTypeNames) : "";
      const std::string wrong = "type: " + type->value.shown() + " is no type of transport";
      complaints_.add(type->line, and_write(wrong + hint, one_of_words(kTypeNames)));
    } else if (!may_be(entry.name, *found)) {
      complaints_.add(type->line, "type: " + wanted_type(entry.name));
      return std::nullopt;
    }
    return found;
  }

  void read_key(const Entry& entry, Transport& transport, const std::string& name,
                std::optional<TransportType> type) {
    const Key<Transport>* key = find_key(transport_keys(), entry.name);
    if (key != nullptr && type && !key->types.has(*type)) {
      complaints_.add(entry.line, quoted(entry.name) + " is no key of a transport of type " +
                                      quoted(waypost::name(*type)) +
                                      ", which has one way of sending; it belongs to type " +
                                      types_of(*key));
    } else {
      lines_.erase(entry.name);
      take_key(transport_keys(), entry, transport, "[transport." + printable(name) + "]", lines_,
               complaints_);
    }
  }

  const Settings& settings_;
  Complaints& complaints_;
  const Entry* defaults_;
  KeyLines default_lines_;
  KeyLines lines_;
};

TableOrigin origin_of(const Entry& table) {
  TableOrigin origin{table.line, {}};
  for (const Entry& key : table.value.entries)
    origin.keys.emplace(key.name, key.line);
  return origin;
}

// Two deliveries into one mbox would only wait for each other's lock. RFC 2033 5: LMTP has no port
// of its own, and must not use 25; 24 is for any private mail system.
void set_local_defaults(Transport& transport) {
  const Home home = find_home();
  transport.connections = transport.type == TransportType::mbox ? 1 : 5;
  transport.recipients_per_message = 1;
  if (transport.type == TransportType::lmtp) transport.port = 24;
  if (transport.type == TransportType::maildir) transport.path = "~/Maildir";
  if (transport.type == TransportType::mbox)
    transport.path =
        home.personal ? home.etc.substr(0, home.etc.rfind('/')) + "/mail" : "/var/mail";
}

} // namespace

// RFC 8314 3.3: submissions is port 465.
Transport type_defaults(TransportType type, const Settings& settings) {
  Transport transport;
  transport.type = type;
  transport.helo = settings.hostname;
  if (is_submission(type)) transport.tls = TlsPolicy::verified;
  if (type == TransportType::submission) transport.port = 587;
  if (type == TransportType::submissions) transport.port = 465;
  if (type == TransportType::fail) {
    transport.text = "mail for this destination is refused by configuration";
  }
  if (is_local(type)) set_local_defaults(transport);
  return transport;
}

std::vector<Transport> read_transports(const Node& file, const Settings& settings, Origins& origins,
                                       Complaints& complaints) {
  TransportsReader reader(file, settings, complaints);
  std::vector<Transport> transports;
  for (const std::string_view name : kBuiltIn)
    transports.push_back(reader.built_in(name));
  origins.defaults = reader.default_lines();
  origins.transports.assign(transports.size(), TableOrigin());
  const Entry* all = file.find("transport");
  if (all == nullptr) return transports;
  if (all->value.kind != Node::Kind::table) {
    complaints.add(all->line, "transport is not a table; write [transport.NAME]");
    return transports;
  }
  for (const Entry& entry : all->value.entries) {
    if (entry.value.kind != Node::Kind::table) {
      complaints.add(entry.line, quoted(entry.name) +
                                     " stands in [transport] itself; each transport is a table of "
                                     "its own: write [transport.NAME]");
      continue;
    }
    Transport transport = reader.read(entry);
    const auto built_in = std::ranges::find(kBuiltIn, entry.name);
    if (built_in != kBuiltIn.end()) {
      const auto at = static_cast<std::size_t>(built_in - kBuiltIn.begin());
      transports[at] = std::move(transport);
      origins.transports[at] = origin_of(entry);
    } else {
      transports.push_back(std::move(transport));
      origins.transports.push_back(origin_of(entry));
    }
  }
  return transports;
}

} // namespace waypost::route
