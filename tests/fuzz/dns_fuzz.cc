// What a name server may answer: bounded, and nothing that is no host name or address comes out.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/net/dns_message.h"

using namespace waypost::net;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  constexpr DnsType kTypes[] = {DnsType::mx, DnsType::a, DnsType::aaaa, DnsType::txt, DnsType::ptr};
  const DnsType type = kTypes[data[0] % 5];
  const std::string_view message(reinterpret_cast<const char*>(data) + 1, size - 1);
  const DnsAnswer answer = read_answer(message, type);
  if (answer.mx.size() > kMostRecords || answer.addresses.size() > kMostRecords) std::abort();
  if (answer.texts.size() > kMostRecords || answer.names.size() > kMostRecords) std::abort();
  const bool empty =
      answer.mx.empty() && answer.addresses.empty() && answer.texts.empty() && answer.names.empty();
  if ((answer.status == DnsStatus::found) == empty) std::abort();
  if (answer.status != DnsStatus::found && answer.text.empty()) std::abort();
  if (answer.cnames > kMostCnames) std::abort();
  if (type != DnsType::mx && !answer.mx.empty()) std::abort();
  if (type == DnsType::mx && !answer.addresses.empty()) std::abort();
  if (type != DnsType::txt && !answer.texts.empty()) std::abort();
  if (type != DnsType::ptr && !answer.names.empty()) std::abort();
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
