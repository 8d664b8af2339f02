#include "queue/inject/verp.h"

namespace waypost::queue {

Result<Address> verp_sender(const Address& sender, const Address& recipient,
                            const VerpDelimiters& delimiters) {
  std::string text(sender.local());
  text += delimiters.before_recipient;
  text += recipient.local();
  text += delimiters.in_place_of_at;
  text += recipient.domain();
  text += '@';
  text += sender.domain();
  return Address::parse(text);
}

} // namespace waypost::queue
