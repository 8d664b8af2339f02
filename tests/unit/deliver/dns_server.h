// DnsServer: a tiny name server on 127.0.0.1, UDP and TCP on the same port, that knows what a test
// tells it.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <thread>
#include <vector>

#include "lib/sys/fd.h"

namespace waypost::test {

// A query as it came over UDP.
struct DnsQuestion {
  std::uint16_t id = 0;
  std::uint16_t port = 0; // it came from
  std::string name;
};

class DnsServer {
public:
  enum class Mode {
    answer,
    silent,
    servfail,
    truncated_on_udp, // and whole over TCP
    tcp_in_pieces,    // truncated on UDP, byte by byte over TCP
    tcp_closes,       // truncated on UDP, and TCP is closed without an answer
    forged,           // answers that do not fit the query come before the right one
    no_edns,          // FORMERR to a query with EDNS
    oversized_2000,   // followed by bytes of no meaning up to that size
    oversized_6000,
  };

  // Records as text: "example.com MX 10 mx.example.com", "mx.example.com A 192.0.2.1",
  // "www.example.com CNAME example.com". A name with no records at all is NXDOMAIN.
  explicit DnsServer(std::vector<std::string> records);
  ~DnsServer();
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  // For one name, instead of its records.
  void set(const std::string& name, Mode mode) { modes_[name] = mode; }
  // Hands out a CNAME without what stands at its end.
  void leave_cnames_alone() { follow_ = false; }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int over_tcp();
  [[nodiscard]] std::vector<DnsQuestion> asked();

private:
  struct DnsEntry {
    std::string name, type, value;
  };
  void serve();
  void serve_udp();
  void serve_tcp();
  void send_forgeries(const std::string& query, const sockaddr_in& to);
  [[nodiscard]] Mode mode_for(const std::string& query);
  [[nodiscard]] std::string reply(const std::string& query, bool udp);
  void add_answers(std::string& out, const std::string& name, std::uint16_t type, int& count);

  std::vector<DnsEntry> entries_;
  std::map<std::string, Mode> modes_;
  bool follow_ = true;
  Fd udp_;
  Fd tcp_;
  Fd stop_read_;
  Fd stop_write_;
  std::uint16_t port_ = 0;
  std::mutex lock_;
  int over_tcp_ = 0;
  std::vector<DnsQuestion> asked_;
  std::thread thread_;
};

} // namespace waypost::test
