// The mechanisms that are made of a user's name and a secret that is at hand: all but SCRAM, which
// wants keys, and EXTERNAL, which wants nothing.
#pragma once

#include <memory>

#include "lib/mail/login.h"
#include "sasl/choice.h"
#include "sasl/mechanism.h"

namespace waypost::sasl {

[[nodiscard]] Result<std::unique_ptr<Mechanism>>
mechanism_with_secret(Scheme scheme, const LoginScope& scope, Secret secret);

} // namespace waypost::sasl
