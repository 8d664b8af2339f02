#include "lib/net/dns_message.h"

#include <algorithm>
#include <ares.h>

#include "lib/sys/text.h"

namespace waypost::net {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::uint16_t kCname = 5;
constexpr int kClassIn = 1;
constexpr std::uint32_t kFormatError = 1;
constexpr int kUdpSize = 1232; // never fragmented on any usual path (DNS flag day 2020)

struct DnsRecord {
  std::string owner;
  std::uint16_t type = 0;
  std::uint32_t ttl = 0;
  std::size_t data = 0; // offset in the message
  std::size_t length = 0;
};

// Walks over a message. Any step beyond its end spoils it for good.
class MessageReader {
public:
  explicit MessageReader(std::string_view message) : message_(message) {}

  [[nodiscard]] bool sound() const { return sound_; }
  [[nodiscard]] std::size_t at() const { return at_; }

  std::uint32_t number(std::size_t bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i)
      value = (value << 8) | byte(i);
    skip(bytes);
    return value;
  }

  void skip(std::size_t bytes) {
    if (bytes > message_.size() - at_) {
      sound_ = false;
      at_ = message_.size();
    } else {
      at_ += bytes;
    }
  }

  std::string name() {
    char* text = nullptr;
    long length = 0;
    const auto* const start = reinterpret_cast<const unsigned char*>(message_.data());
    const int status = at_ >= message_.size()
                           ? ARES_EBADRESP
                           : ares_expand_name(start + at_, start, static_cast<int>(message_.size()),
                                              &text, &length);
    if (status != ARES_SUCCESS) {
      sound_ = false;
      return {};
    }
    std::string lower = ascii_lower(text);
    ares_free_string(text);
    skip(static_cast<std::size_t>(length));
    return lower;
  }

  DnsRecord record() {
    DnsRecord one;
    one.owner = name();
    one.type = static_cast<std::uint16_t>(number(2));
    const std::uint32_t klass = number(2);
    one.ttl = number(4);
    one.length = number(2);
    one.data = at_;
    skip(one.length);
    if (klass != kClassIn) one.type = 0;
    return one;
  }

private:
  [[nodiscard]] std::uint8_t byte(std::size_t i) const {
    return at_ + i < message_.size() ? static_cast<std::uint8_t>(message_[at_ + i]) : 0;
  }

  std::string_view message_;
  std::size_t at_ = 0;
  bool sound_ = true;
};

std::string name_at(std::string_view message, const DnsRecord& record, std::size_t offset,
                    bool& sound) {
  MessageReader reader(message);
  reader.skip(record.data + offset);
  std::string name = reader.name();
  sound = reader.sound() && record.length > offset && reader.at() == record.data + record.length;
  return name;
}

// Letters, digits, hyphen, underscore, dots: what hosts are really called.
bool usable_host(std::string_view name) {
  return name.size() <= 253 && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                  c == '.';
         });
}

// What a CNAME leads to need be no host: reverse names are passed on to names like
// 1.0/25.2.0.192.in-addr.arpa (RFC 2317 4).
bool usable_alias(std::string_view name) {
  return name.size() <= 253 &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~' && c != '\\'; });
}

void take_address(DnsAnswer& answer, std::string_view message, const DnsRecord& record,
                  std::size_t right) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(message.data() + record.data);
  if (record.length != right) return;
  const auto address = IpAddress::from_bytes(std::span(bytes, record.length));
  if (address) answer.addresses.push_back(*address);
}

void take_mx(DnsAnswer& answer, std::string_view message, const DnsRecord& record) {
  bool sound = false;
  MessageReader reader(message);
  reader.skip(record.data);
  MxHost host{static_cast<std::uint16_t>(reader.number(2)), {}};
  host.host = name_at(message, record, 2, sound);
  if (sound && usable_host(host.host)) answer.mx.push_back(std::move(host));
}

// RFC 1035 3.3.14: one or more strings, each with its length before it; here as one (RFC 7208 3.3).
void take_text(DnsAnswer& answer, std::string_view message, const DnsRecord& record) {
  std::string_view rest = message.substr(record.data, record.length);
  std::string text;
  while (!rest.empty()) {
    const auto length = static_cast<std::uint8_t>(rest.front());
    if (rest.size() <= length) return;
    text += rest.substr(1, length);
    rest.remove_prefix(1U + length);
  }
  if (record.length > 0) answer.texts.push_back(std::move(text));
}

void take_record(DnsAnswer& answer, std::string_view message, const DnsRecord& record,
                 DnsType type) {
  switch (type) {
  case DnsType::a: take_address(answer, message, record, 4); return;
  case DnsType::aaaa: take_address(answer, message, record, 16); return;
  case DnsType::mx: take_mx(answer, message, record); return;
  case DnsType::txt: take_text(answer, message, record); return;
  case DnsType::ptr: {
    bool sound = false;
    std::string name = name_at(message, record, 0, sound);
    if (sound && usable_host(name)) answer.names.push_back(std::move(name));
    return;
  }
  }
}

// Follows the CNAMEs among the records from the name that was asked for. False on a loop, and where
// there are too many.
bool follow_cnames(DnsAnswer& answer, std::string_view message,
                   const std::vector<DnsRecord>& records) {
  while (answer.cnames <= kMostCnames) {
    const auto cname = std::ranges::find_if(records, [&](const DnsRecord& one) {
      return one.type == kCname && one.owner == answer.canonical;
    });
    if (cname == records.end()) return true;
    bool sound = false;
    std::string target = name_at(message, *cname, 0, sound);
    if (!sound || !usable_alias(target)) return false;
    answer.canonical = std::move(target);
    ++answer.cnames;
    answer.ttl = std::min(answer.ttl, cname->ttl);
  }
  return false;
}

DnsAnswer refused(DnsStatus status, std::string text) {
  DnsAnswer answer;
  answer.status = status;
  answer.text = std::move(text);
  return answer;
}

std::string rcode_text(std::uint32_t rcode) {
  switch (rcode) {
  case kFormatError: return "FORMERR";
  case 2: return "SERVFAIL";
  case 4: return "NOTIMP";
  case 5: return "REFUSED";
  default: return "RCODE " + std::to_string(rcode);
  }
}

} // namespace

Result<std::string> make_query(const std::string& name, DnsType type, std::uint16_t id, bool edns) {
  unsigned char* bytes = nullptr;
  int length = 0;
  const int made = ares_create_query(name.c_str(), kClassIn, static_cast<int>(type), id, 1, &bytes,
                                     &length, edns ? kUdpSize : 0);
  if (made != ARES_SUCCESS) return fail(std::string("no domain name: ") + ares_strerror(made));
  std::string query(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  ares_free_string(bytes);
  return query;
}

DnsAnswer read_answer(std::string_view message, DnsType type) {
  MessageReader reader(message);
  reader.skip(2);
  const std::uint32_t flags = reader.number(2);
  const std::uint32_t questions = reader.number(2);
  const std::uint32_t answers = reader.number(2);
  reader.skip(kHeader - 8);
  if (!reader.sound() || (flags & 0x8000) == 0 || questions != 1) {
    return refused(DnsStatus::failed, "malformed answer");
  }
  const std::uint32_t rcode = flags & 15;
  if (rcode != 0 && rcode != 3) {
    DnsAnswer answer = refused(DnsStatus::failed, rcode_text(rcode));
    answer.plain_only = rcode == kFormatError; // RFC 6891 7
    return answer;
  }
  std::string asked = reader.name(); // as the records print it, whatever bytes it has
  if (reader.skip(4); !reader.sound()) return refused(DnsStatus::failed, "malformed answer");
  std::vector<DnsRecord> records;
  for (std::uint32_t i = 0; i < std::min(answers, kMostRecords) && reader.sound(); ++i)
    records.push_back(reader.record());
  if (!reader.sound()) return refused(DnsStatus::failed, "malformed answer");
  DnsAnswer answer;
  answer.canonical = std::move(asked);
  answer.ttl = UINT32_MAX;
  if (!follow_cnames(answer, message, records)) {
    return refused(DnsStatus::failed, "loop or bad name among the CNAMEs");
  }
  bool any = false;
  for (const DnsRecord& one : records) {
    if (one.type != static_cast<std::uint16_t>(type) || one.owner != answer.canonical) continue;
    take_record(answer, message, one, type);
    answer.ttl = std::min(answer.ttl, one.ttl);
    any = true;
  }
  const bool empty =
      answer.mx.empty() && answer.addresses.empty() && answer.texts.empty() && answer.names.empty();
  // That is not the same as none: a domain with MX records is never its own host (RFC 5321 5.1).
  if (empty && any) return refused(DnsStatus::failed, "only records that make no sense");
  answer.status = !empty ? DnsStatus::found : rcode == 3 ? DnsStatus::no_name : DnsStatus::no_data;
  if (empty) answer.text = rcode == 3 ? "NXDOMAIN" : "no such record";
  return answer;
}

} // namespace waypost::net
