// KeyCache: keys that were derived for SCRAM, so that 4096 rounds of HMAC are paid once for each
// (credential, salt, count), not at each connection.
//
// An entry belongs to one state of the credential's file: after a change it is not found any more.
// In locked memory, like all secrets; the oldest goes when there are too many.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "sasl/scram_keys.h"

namespace waypost::sasl {

struct KeyOrigin {
  std::string sealed; // the credential's sealed bytes, as they stand in its file
  Digest digest = Digest::sha256;
  std::string salt;
  std::uint32_t iterations = 0;
  auto operator<=>(const KeyOrigin&) const = default;
};

class KeyCache {
public:
  static constexpr std::size_t kMost = 256;

  [[nodiscard]] const ScramKeys* find(const KeyOrigin& origin) const {
    const auto found = keys_.find(origin);
    return found == keys_.end() ? nullptr : &found->second;
  }

  void put(const KeyOrigin& origin, ScramKeys keys) {
    if (!keys_.insert_or_assign(origin, std::move(keys)).second) return;
    order_.push_back(origin);
    if (order_.size() <= kMost) return;
    keys_.erase(order_.front());
    order_.pop_front();
  }

private:
  std::map<KeyOrigin, ScramKeys> keys_;
  std::deque<KeyOrigin> order_;
};

} // namespace waypost::sasl
