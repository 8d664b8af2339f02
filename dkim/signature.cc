#include "dkim/signature.h"

#include "dkim/sha256.h"
#include "dkim/signed_fields.h"
#include "lib/sys/text.h"

namespace waypost::dkim {
namespace {

constexpr std::size_t kLine = 76; // RFC 5322 2.1.1: at most 78
constexpr std::string_view kName = "DKIM-Signature";

std::string_view word(Canonical form) {
  return form == Canonical::simple ? "simple" : "relaxed";
}

// Puts words behind each other, and begins a new line where one would become too long.
class Folding {
public:
  explicit Folding(std::string_view begin) : text_(begin), line_(begin.size()) {}

  // `space`: stands before the word, unless a line begins there.
  void add(std::string_view word, bool space) {
    if (line_ + word.size() + (space ? 1 : 0) > kLine) {
      text_ += "\r\n\t";
      line_ = 1;
    } else if (space) {
      text_ += ' ';
      ++line_;
    }
    text_ += word;
    line_ += word.size();
  }

  [[nodiscard]] std::string text() && { return std::move(text_); }

private:
  std::string text_;
  std::size_t line_;
};

// RFC 6376 2.11, dkim-quoted-printable; '=' and ';' have a meaning in a list of tags.
std::string quoted_printable(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c > ' ' && byte < 0x7F && c != ';' && c != '=') {
      out += c;
    } else {
      out += {'=', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

Field whole(std::string_view field) {
  return {std::string(field) + "\r\n", field.find(':')};
}

} // namespace

std::string unsigned_field(const Signer& signer, const Manner& manner,
                           std::span<const std::string> names, std::string_view body_hash) {
  Folding field(std::string(kName) + ':');
  field.add("v=1;", true);
  field.add("a=" + std::string(signer.key->algorithm()) + ';', true);
  field.add("c=" + std::string(word(manner.header)) + '/' + std::string(word(manner.body)) + ';',
            true);
  field.add("d=" + signer.domain + ';', true);
  field.add("s=" + signer.selector + ';', true);
  if (!manner.identity.empty()) field.add("i=" + quoted_printable(manner.identity) + ';', true);
  field.add("t=" + std::to_string(manner.now) + ';', true);
  if (manner.expires_s)
    field.add("x=" + std::to_string(manner.now + *manner.expires_s) + ';', true);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view end = i + 1 == names.size() ? ";" : ":";
    field.add((i == 0 ? "h=" : "") + names[i] + std::string(end), i == 0);
  }
  field.add("bh=" + base64(body_hash) + ';', true);
  field.add("b=", true);
  return std::move(field).text();
}

Result<std::string> sign_field(const Key& key, std::string_view field,
                               std::span<const Field> fields, std::span<const std::string> names,
                               Canonical form) {
  // RFC 6376 3.7: the field itself comes last, without the CRLF at its end.
  std::string own = canonical_field(whole(field), form);
  own.resize(own.size() - 2);
  Sha256 hash;
  hash.update(hashed_fields(fields, names, form));
  hash.update(own);
  return key.sign(hash.finish());
}

Result<std::string> signature_field(const Signer& signer, const Manner& manner,
                                    std::span<const Field> fields, std::string_view body_hash) {
  const std::vector<std::string> names = names_to_sign(fields);
  if (names.empty()) return fail("the message has no From field, and must not be signed without");
  std::string field = unsigned_field(signer, manner, names, body_hash);
  const auto signature = sign_field(*signer.key, field, fields, names, manner.header);
  if (!signature) return std::unexpected(signature.error());
  // White space within b= does not count (RFC 6376 3.5).
  std::size_t room = kLine - (field.size() - field.rfind('\n') - 1);
  const std::string value = base64(*signature);
  for (std::string_view rest = value; !rest.empty();) {
    const std::string_view line = rest.substr(0, room);
    field += line;
    rest.remove_prefix(line.size());
    if (!rest.empty()) field += "\r\n\t";
    room = kLine - 1;
  }
  return field + "\r\n";
}

bool may_identify(std::string_view identity, std::string_view domain) {
  const std::size_t at = identity.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::string below = ascii_lower(identity.substr(at + 1));
  return below == domain || below.ends_with('.' + std::string(domain));
}

} // namespace waypost::dkim
