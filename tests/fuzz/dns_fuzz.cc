// What a name server may answer: bounded, and nothing that is no host name or address comes out.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/net/dns_message.h"

using namespace waypost::net;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const DnsType type = data[0] % 3 == 0   ? DnsType::mx
                       : data[0] % 3 == 1 ? DnsType::a
                                          : DnsType::aaaa;
  const std::string_view message(reinterpret_cast<const char*>(data) + 1, size - 1);
  const DnsAnswer answer = read_answer(message, "mail.test", type);
  if (answer.mx.size() > kMostRecords || answer.addresses.size() > kMostRecords) std::abort();
  const bool empty = answer.mx.empty() && answer.addresses.empty();
  if ((answer.status == DnsStatus::found) == empty) std::abort();
  if (answer.status != DnsStatus::found && answer.text.empty()) std::abort();
  if (answer.cnames > kMostCnames) std::abort();
  if (type != DnsType::mx && !answer.mx.empty()) std::abort();
  if (type == DnsType::mx && !answer.addresses.empty()) std::abort();
  for (const IpAddress& one : answer.addresses) {
    if (type == DnsType::a && one.v6()) std::abort();
  }
  for (const MxHost& one : answer.mx) {
    for (const char c : one.host) {
      const bool fine =
          (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
      if (!fine) std::abort();
    }
  }
  return 0;
}
