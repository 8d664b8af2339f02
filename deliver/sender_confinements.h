// SenderConfinements: those of the senders that a template has forked, kept for the next ones. Most
// senders promise the same, whatever their destination is.
#pragma once

#include <vector>

#include "lib/sys/prepared_confinement.h"

namespace waypost::deliver {

class SenderConfinements {
public:
  // `held`: what the template itself has promised.
  explicit SenderConfinements(Promises held);

  // Good until the next call. An error: the kernel refused what it should know.
  [[nodiscard]] Result<const PreparedConfinement*> of(const Promises& promises);

private:
  static constexpr std::size_t kMost = 16; // each holds a descriptor

  struct Ready {
    Promises promises;
    PreparedConfinement confinement;
  };

  Promises held_;
  Kernel kernel_;
  std::vector<Ready> ready_; // the oldest first
};

} // namespace waypost::deliver
