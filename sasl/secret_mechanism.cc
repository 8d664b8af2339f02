#include "sasl/secret_mechanism.h"

#include "sasl/bearer.h"
#include "sasl/cram_md5.h"
#include "sasl/plain.h"

namespace waypost::sasl {

Result<std::unique_ptr<Mechanism>> mechanism_with_secret(Scheme scheme, const LoginScope& scope,
                                                         Secret secret) {
  switch (scheme) {
  case Scheme::cram_md5: return std::make_unique<CramMd5>(scope.user, std::move(secret));
  case Scheme::plain: return std::make_unique<Plain>(scope.user, std::move(secret));
  case Scheme::login: return std::make_unique<Login>(scope.user, std::move(secret));
  case Scheme::xoauth2: return xoauth2(scope.user, view(secret));
  case Scheme::oauthbearer: return oauthbearer(scope.user, view(secret), scope.host, scope.port);
  case Scheme::scram:
  case Scheme::external: break;
  }
  return fail("no mechanism of a secret");
}

} // namespace waypost::sasl
