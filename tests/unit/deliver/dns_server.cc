#include "tests/unit/deliver/dns_server.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

namespace waypost::test {
namespace {

constexpr std::uint16_t kA = 1;
constexpr std::uint16_t kCname = 5;
constexpr std::uint16_t kMx = 15;
constexpr std::uint16_t kAaaa = 28;

void put16(std::string& out, unsigned value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 255);
}

std::uint16_t get16(const std::string& text, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(text[at]) << 8 |
                                    static_cast<unsigned char>(text[at + 1]));
}

std::string wire_name(const std::string& name) {
  std::string out;
  std::istringstream parts(name == "." ? "" : name);
  for (std::string part; std::getline(parts, part, '.');)
    out += static_cast<char>(part.size()) + part;
  return out + '\0';
}

// The question's name, in lower case; `at` moves behind it.
std::string read_name(const std::string& message, std::size_t& at) {
  std::string name;
  while (at < message.size() && message[at] != 0) {
    const auto length = static_cast<std::size_t>(message[at]);
    if (!name.empty()) name += '.';
    name += message.substr(at + 1, length);
    at += length + 1;
  }
  ++at;
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

std::uint16_t type_number(const std::string& type) {
  return type == "A" ? kA : type == "MX" ? kMx : type == "AAAA" ? kAaaa : kCname;
}

std::string value_bytes(std::uint16_t type, const std::string& value) {
  std::array<char, 16> bytes{};
  if (type == kA) {
    inet_pton(AF_INET, value.c_str(), bytes.data());
    return {bytes.data(), 4};
  }
  if (type == kAaaa) {
    inet_pton(AF_INET6, value.c_str(), bytes.data());
    return {bytes.data(), 16};
  }
  if (type == kCname) return wire_name(value);
  std::string out;
  put16(out, static_cast<unsigned>(std::stoi(value)));
  return out + wire_name(value.substr(value.find(' ') + 1));
}

} // namespace

DnsServer::DnsServer(std::vector<std::string> records)
    : udp_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)),
      tcp_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  for (const std::string& record : records) {
    std::istringstream words(record);
    DnsEntry entry;
    words >> entry.name >> entry.type >> std::ws;
    std::getline(words, entry.value);
    entries_.push_back(std::move(entry));
  }
  sockaddr_in at{};
  at.sin_family = AF_INET;
  inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
  socklen_t size = sizeof at;
  for (int tries = 0; tries < 20; ++tries) { // a port that is free for both
    at.sin_port = 0;
    ::bind(tcp_.get(), reinterpret_cast<sockaddr*>(&at), size);
    ::getsockname(tcp_.get(), reinterpret_cast<sockaddr*>(&at), &size);
    if (::bind(udp_.get(), reinterpret_cast<sockaddr*>(&at), size) == 0) break;
    tcp_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  }
  port_ = ntohs(at.sin_port);
  ::listen(tcp_.get(), 8);
  int pair[2] = {-1, -1};
  if (::pipe(pair) != 0) return;
  stop_read_.reset(pair[0]);
  stop_write_.reset(pair[1]);
  thread_ = std::thread([this] { serve(); });
}

DnsServer::~DnsServer() {
  stop_write_.reset();
  if (thread_.joinable()) thread_.join();
}

int DnsServer::over_tcp() {
  const std::lock_guard guard(lock_);
  return over_tcp_;
}

void DnsServer::serve() {
  for (;;) {
    pollfd all[3] = {
        {udp_.get(), POLLIN, 0}, {tcp_.get(), POLLIN, 0}, {stop_read_.get(), POLLIN, 0}};
    ::poll(all, 3, -1);
    if (all[2].revents != 0) return;
    if (all[0].revents != 0) serve_udp();
    if (all[1].revents != 0) serve_tcp();
  }
}

void DnsServer::serve_udp() {
  std::array<char, 2048> block;
  sockaddr_in from{};
  socklen_t size = sizeof from;
  const ssize_t got = ::recvfrom(udp_.get(), block.data(), block.size(), 0,
                                 reinterpret_cast<sockaddr*>(&from), &size);
  if (got < 12) return;
  const std::string query(block.data(), static_cast<std::size_t>(got));
  std::size_t at = 12;
  {
    const std::lock_guard guard(lock_);
    asked_.push_back({get16(query, 0), ntohs(from.sin_port), read_name(query, at)});
  }
  const Mode mode = mode_for(query);
  if (mode == Mode::forged) send_forgeries(query, from);
  std::string out = reply(query, true);
  if (mode == Mode::oversized_2000) out.resize(2000);
  if (mode == Mode::oversized_6000) out.resize(6000);
  if (out.empty()) return;
  ::sendto(udp_.get(), out.data(), out.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
}

// Each of them says that whatever was asked for is at 203.0.113.66, or does not exist.
void DnsServer::send_forgeries(const std::string& query, const sockaddr_in& to) {
  const auto* const where = reinterpret_cast<const sockaddr*>(&to);
  std::string lie = query.substr(0, 2) + std::string("\x81\x83\0\1\0\0\0\0\0\0", 10) +
                    query.substr(12, query.find('\0', 12) + 5 - 12); // NXDOMAIN
  std::string wrong_id = lie;
  wrong_id[0] = static_cast<char>(wrong_id[0] ^ 1);
  ::sendto(udp_.get(), wrong_id.data(), wrong_id.size(), 0, where, sizeof to);
  std::string wrong_question = lie;
  wrong_question[13] = wrong_question[13] == 'x' ? 'y' : 'x';
  ::sendto(udp_.get(), wrong_question.data(), wrong_question.size(), 0, where, sizeof to);
  std::string wrong_type = lie;
  wrong_type[wrong_type.size() - 3] = 16; // TXT
  ::sendto(udp_.get(), wrong_type.data(), wrong_type.size(), 0, where, sizeof to);
  // Right in everything, but from another port and another address of ours.
  for (const char* const source : {"127.0.0.1", "127.0.0.2"}) {
    const Fd stranger(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_port = std::string_view(source) == "127.0.0.2" ? htons(port_) : 0;
    inet_pton(AF_INET, source, &from.sin_addr);
    ::bind(stranger.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from);
    ::sendto(stranger.get(), lie.data(), lie.size(), 0, where, sizeof to);
  }
}

void DnsServer::serve_tcp() {
  std::array<char, 2048> block;
  const Fd peer(::accept(tcp_.get(), nullptr, nullptr));
  std::string query;
  while (query.size() < 2 || query.size() < 2U + get16(query, 0)) {
    const ssize_t got = ::recv(peer.get(), block.data(), block.size(), 0);
    if (got <= 0) return;
    query.append(block.data(), static_cast<std::size_t>(got));
  }
  query.erase(0, 2);
  const Mode mode = mode_for(query);
  if (mode == Mode::tcp_closes) return;
  const std::string out = reply(query, false);
  std::string framed;
  put16(framed, static_cast<unsigned>(out.size()));
  framed += out;
  {
    const std::lock_guard guard(lock_);
    ++over_tcp_;
  }
  const std::size_t piece = mode == Mode::tcp_in_pieces ? 1 : framed.size();
  for (std::size_t at = 0; at < framed.size(); at += piece) {
    ::send(peer.get(), framed.data() + at, std::min(piece, framed.size() - at), MSG_NOSIGNAL);
    if (piece == 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

DnsServer::Mode DnsServer::mode_for(const std::string& query) {
  std::size_t at = 12;
  const auto found = modes_.find(read_name(query, at));
  return found == modes_.end() ? Mode::answer : found->second;
}

std::vector<DnsQuestion> DnsServer::asked() {
  const std::lock_guard guard(lock_);
  return asked_;
}

void DnsServer::add_answers(std::string& out, const std::string& name, std::uint16_t type,
                            int& count) {
  for (const DnsEntry& entry : entries_) {
    const std::uint16_t its = type_number(entry.type);
    if (entry.name != name || (its != type && its != kCname) || count > 400) continue;
    const std::string value = value_bytes(its, entry.value);
    out += wire_name(name);
    put16(out, its);
    put16(out, 1);
    put16(out, 0);
    put16(out, 60);
    put16(out, static_cast<unsigned>(value.size()));
    out += value;
    ++count;
    if (its == kCname && follow_) add_answers(out, entry.value, type, count);
  }
}

std::string DnsServer::reply(const std::string& query, bool udp) {
  std::size_t at = 12;
  const std::string name = read_name(query, at);
  const auto type = static_cast<std::uint16_t>(static_cast<unsigned char>(query[at + 1]));
  const Mode mode = mode_for(query);
  if (mode == Mode::silent) return {};
  const bool known =
      std::ranges::any_of(entries_, [&](const DnsEntry& entry) { return entry.name == name; });
  const bool cut = udp && (mode == Mode::truncated_on_udp || mode == Mode::tcp_in_pieces ||
                           mode == Mode::tcp_closes);
  const bool misunderstood = mode == Mode::no_edns && get16(query, 10) != 0;
  int rcode = known ? 0 : 3;
  if (mode == Mode::servfail) rcode = 2;
  if (misunderstood) rcode = 1;
  std::string answers;
  int count = 0;
  if (rcode == 0 && !cut) add_answers(answers, name, type, count);
  std::string out = query.substr(0, 2);
  out += static_cast<char>(cut ? 0x83 : 0x81);
  out += static_cast<char>(0x80 | rcode);
  put16(out, 1);
  put16(out, static_cast<unsigned>(count));
  put16(out, 0);
  put16(out, 0);
  out += query.substr(12, at + 4 - 12);
  return out + answers;
}

} // namespace waypost::test
