#include "dkim/sha256.h"

#include <cstdlib>

namespace waypost::dkim {
namespace {

constexpr std::size_t kGathered = std::size_t{16} << 10;

// OpenSSL refuses SHA-256 only where its configuration is broken or memory has run out: no digest
// that we could give would be one.
void demand(bool done) {
  if (!done) std::abort();
}

} // namespace

Sha256::Sha256() : context_(::EVP_MD_CTX_new()) {
  demand(context_ != nullptr && ::EVP_DigestInit_ex(context_.get(), ::EVP_sha256(), nullptr) == 1);
}

void Sha256::flush() {
  demand(::EVP_DigestUpdate(context_.get(), gathered_.data(), gathered_.size()) == 1);
  gathered_.clear();
}

void Sha256::update(std::string_view bytes) {
  gathered_ += bytes;
  if (gathered_.size() >= kGathered) flush();
}

std::string Sha256::finish() {
  flush();
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  demand(::EVP_DigestFinal_ex(context_.get(), digest, &size) == 1);
  return {reinterpret_cast<const char*>(digest), size};
}

} // namespace waypost::dkim
