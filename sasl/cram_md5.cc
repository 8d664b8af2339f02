#include "sasl/cram_md5.h"

#include <algorithm>

#include "sasl/digest.h"

namespace waypost::sasl {
namespace {

// RFC 2195 2: the form of a msg-id, "<1896.697170952@postoffice.example>". Who sends anything else
// may want another thing signed than a challenge.
bool is_challenge(std::string_view text) {
  if (text.size() < 3 || text.front() != '<' || text.back() != '>') return false;
  return std::ranges::all_of(text.substr(1, text.size() - 2),
                             [](char c) { return c > ' ' && c <= '~' && c != '<' && c != '>'; });
}

std::string hex(std::string_view bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  ::sodium_bin2hex(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                   bytes.size());
  text.pop_back();
  return text;
}

} // namespace

Result<Secret> CramMd5::respond(std::string_view challenge) {
  if (answered_) return fail("CRAM-MD5: a second challenge");
  if (!is_challenge(challenge)) return fail("CRAM-MD5: the challenge is not of the form <...>");
  const Result<Secret> digest = hmac(Digest::md5, view(password_), challenge);
  if (!digest) return std::unexpected(digest.error());
  answered_ = true;
  return joined({user_, " ", hex(view(*digest))});
}

Result<> CramMd5::accepted() {
  if (!answered_) return fail("CRAM-MD5: the server accepts before it has asked");
  return {};
}

} // namespace waypost::sasl
