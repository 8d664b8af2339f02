#include "spfcheck/organization.h"

#include <libpsl.h>
#include <memory>

namespace waypost::spfcheck {
namespace {

using List = std::unique_ptr<const psl_ctx_t, void (*)(const psl_ctx_t*)>;

// Loaded once: the newer of the system's list and the one built into the library.
const psl_ctx_t* suffixes() {
  static const List list(psl_latest(nullptr),
                         [](const psl_ctx_t* one) { psl_free(const_cast<psl_ctx_t*>(one)); });
  return list.get();
}

} // namespace

std::string organizational_domain(std::string_view domain) {
  const std::string name(domain);
  const psl_ctx_t* const list = suffixes();
  const char* const found = list == nullptr ? nullptr : psl_registrable_domain(list, name.c_str());
  return found == nullptr ? name : found;
}

} // namespace waypost::spfcheck
