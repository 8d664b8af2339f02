// One line of one of the small forms: names in the spool, addresses of machines, /etc/passwd,
// /etc/hosts, xtext, encoded words, passwords for SASL, patterns of domains, ages, queries of the
// SPF filter, what a UCSPI server says of the client; and the words of a command of the queue,
// parted by NUL. What is taken is written as it was read.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <vector>

#include "lib/mail/domain_pattern.h"
#include "lib/mail/message_id.h"
#include "lib/mail/xtext.h"
#include "lib/net/hosts_file.h"
#include "lib/net/ip.h"
#include "lib/sys/passwd.h"
#include "lib/sys/text.h"
#include "queue/bounce/encoded_words.h"
#include "queue/commands/arguments.h"
#include "queue/spool/message_change.h"
#include "queue/spool/spool_dirs.h"
#include "sasl/saslprep.h"
#include "smtpd/client.h"
#include "spfcheck/query_line.h"

using namespace waypost;

namespace {

void expect(bool good) {
  if (!good) std::abort();
}

void take_names(std::string_view line) {
  const auto id = MessageId::parse(line);
  if (id) {
    expect(id->text() == line && line.starts_with(id->origin()));
    for (const char kind : {'b', 's', 'c', 'd'}) {
      const auto derived = id->derive(kind, kind == 'd' ? 0 : 7);
      expect(!derived || MessageId::parse(derived->text()) == derived);
      expect(!derived || derived->folder() == id->folder());
    }
  }
  const auto name = queue::parse_cur_name(line);
  if (name) expect(queue::cur_name(name->id, name->next) == line);
  const auto verb = queue::parse_verb(line);
  if (verb) expect(queue::name(*verb) == line);
  const auto effect = queue::parse_effect(line);
  if (effect) expect(queue::name(*effect) == line);
}

void take_addresses(std::string_view line) {
  const auto ip = net::IpAddress::parse(line);
  if (ip) {
    expect(net::IpAddress::parse(ip->text()) == ip);
    const std::string literal = "[" + std::string(ip->v6() ? "IPv6:" : "") + ip->text() + "]";
    expect(net::IpAddress::from_literal(literal) == ip);
    sockaddr_storage bytes{};
    expect(ip->to_socket(25, bytes) > 0);
    expect(net::IpAddress::from_socket(reinterpret_cast<const sockaddr&>(bytes)) == ip);
  }
  const auto literal = net::IpAddress::from_literal(line);
  if (literal) expect(line.front() == '[' && line.back() == ']');
}

void take_hosts(std::string_view bytes) {
  const Fd file(::memfd_create("hosts", MFD_CLOEXEC));
  if (::write(file.get(), bytes.data(), bytes.size()) < 0) return;
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  const auto found = net::addresses_in_hosts_file(path, "relay");
  for (const net::IpAddress& one : found)
    expect(std::ranges::count(found, one) == 1);
}

void take_secret(std::string_view line) {
  for (const auto how : {sasl::Prepared::as_query, sasl::Prepared::as_stored}) {
    const auto prepared = sasl::saslprep(line, how);
    if (!prepared) continue;
    expect(valid_utf8(sasl::view(*prepared)) && !prepared->empty());
  }
}

void take_pattern(std::string_view line) {
  const std::string_view pattern = line.substr(0, line.find(' '));
  const std::string_view domain = line.substr(std::min(line.size(), pattern.size() + 1));
  if (fits(pattern, domain) && !pattern.starts_with('.')) expect(pattern == domain);
  if (covers(pattern, domain) && fits(domain, "a.test")) expect(fits(pattern, "a.test"));
}

void take_command(std::string_view line) {
  std::vector<std::string> words;
  for (const std::string_view word : split(line, '\0'))
    words.emplace_back(word);
  std::vector<char*> values;
  for (std::string& word : words)
    values.push_back(word.data());
  const int count = static_cast<int>(values.size());
  values.push_back(nullptr);
  const auto given = queue::Arguments::parse(count, values.data(), {{"id", true}, {"all", false}});
  if (!given) return expect(!given.error().text.empty());
  expect(given->values("id").empty() || given->value("id") == given->values("id").back());
  expect(given->operands().size() < words.size());
}

void take_client(const std::string& line) {
  ::setenv("TCPREMOTEIP", line.c_str(), 1);
  ::setenv("TCPREMOTEHOST", line.c_str(), 1);
  const smtpd::Client client = smtpd::find_client(-1, false);
  expect(client.ip.empty() || net::IpAddress::parse(client.ip).has_value());
  expect(client.host.find_first_of(" \r\n()[]<>") == std::string::npos);
}

void take_words(std::string_view line) {
  const auto decoded = decode_xtext(line);
  if (decoded) expect(decode_xtext(encode_xtext(*decoded)) == decoded);
  if (valid_orcpt(line)) expect(line.find(';') != std::string_view::npos);
  const auto user = parse_passwd_line(line);
  if (user) expect(!user->name.empty() && line.starts_with(user->name));
  static_cast<void>(queue::parse_age(line));
  const auto query = spfcheck::parse_query_line(line);
  if (query) expect(line.size() <= spfcheck::kMostOfLine);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  take_names(line);
  take_addresses(line);
  take_words(line);
  take_hosts(line);
  take_secret(line);
  take_pattern(line);
  take_command(line);
  static_cast<void>(queue::decode_words(line));
  take_client(std::string(line.substr(0, line.find('\0'))));
  return 0;
}
