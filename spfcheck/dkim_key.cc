#include "spfcheck/dkim_key.h"

#include <algorithm>

#include "lib/sys/text.h"
#include "spfcheck/rsa_key.h"
#include "spfcheck/tag_list.h"

namespace waypost::spfcheck {
namespace {

constexpr std::size_t kEd25519Bytes = 32;

// The value of a base64 letter; -1: it is none.
int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

// RFC 4648 4. Padding is wanted; what the last letter holds too much is not looked at.
Result<std::string> decode_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return fail("its length is not that of base64");
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const int value = sextet(c);
    if (value < 0) return fail(printable(std::string_view(&c, 1)) + " is no letter of base64");
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>((bits >> count) & 0xFF);
  }
  return bytes;
}

// Whether a list with colons between has the word, or is not there at all.
bool allows(const TagList& tags, std::string_view tag,
            std::initializer_list<std::string_view> any) {
  const auto value = tags.get(tag);
  if (!value) return true;
  for (const std::string_view part : split(*value, ':')) {
    const std::string word = without_white_space(part);
    if (std::ranges::find(any, std::string_view(word)) != any.end()) return true;
  }
  return false;
}

Result<> check_tags(const TagList& tags) {
  const auto version = tags.get("v");
  // "MUST be the first tag in the record", "DKIM1".
  if (version && (*version != "DKIM1" || tags.all().front().name != "v"))
    return fail("v=" + printable(*version) + " is not v=DKIM1 as its first tag");
  if (!allows(tags, "s", {"*", "email"})) return fail("s= does not allow it for mail");
  if (!allows(tags, "h", {"sha256"})) return fail("h= does not allow sha256 (RFC 8301)");
  return {};
}

Result<> take_key(std::string_view p, DkimKey& key) {
  const Result<std::string> bytes = decode_base64(p);
  if (!bytes) return fail("p= is no key: " + bytes.error().text);
  if (key.type == DkimKeyType::ed25519) {
    if (bytes->size() != kEd25519Bytes)
      return fail("p= holds " + std::to_string(bytes->size()) + " bytes, not the 32 of Ed25519");
    key.bits = 256;
    return {};
  }
  const Result<int> bits = rsa_bits(*bytes);
  if (!bits) return fail("p= is no RSA key: " + bits.error().text);
  key.bits = *bits;
  return {};
}

} // namespace

Result<DkimKey> parse_dkim_key(std::string_view text) {
  const Result<TagList> tags = TagList::parse(text);
  if (!tags) return std::unexpected(tags.error());
  const Result<> sound = check_tags(*tags);
  if (!sound) return std::unexpected(sound.error());
  DkimKey key;
  const std::string_view type = tags->get("k").value_or("rsa");
  if (type != "rsa" && type != "ed25519") return fail("k=" + printable(type) + " is unknown");
  key.type = type == "rsa" ? DkimKeyType::rsa : DkimKeyType::ed25519;
  key.testing = tags->get("t") && allows(*tags, "t", {"y"});
  const auto p = tags->get("p");
  if (!p) return fail("it has no p=");
  const std::string letters = without_white_space(*p);
  key.revoked = letters.empty();
  if (key.revoked) return key;
  const Result<> taken = take_key(letters, key);
  if (!taken) return std::unexpected(taken.error());
  return key;
}

std::string description(const DkimKey& key) {
  if (key.type == DkimKeyType::ed25519) return "Ed25519";
  return "RSA, " + std::to_string(key.bits) + " bits";
}

} // namespace waypost::spfcheck
