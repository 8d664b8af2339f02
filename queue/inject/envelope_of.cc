#include "queue/inject/envelope_of.h"

#include <algorithm>
#include <unordered_set>

#include "lib/mail/address_list.h"

namespace waypost::queue {
namespace {

Result<Address> whole_address(std::string_view text, std::string_view hostname) {
  Result<Address> address = Address::parse(text);
  if (!address || address->null() || !address->domain().empty()) return address;
  return Address::parse(std::string(text) + "@" + std::string(hostname));
}

// On a command line a line end is no folding, it is an attack or a mistake.
Result<std::vector<std::string>> parse_argument(std::string_view text) {
  if (text.find_first_of("\r\n") != std::string_view::npos)
    return fail("a line end in an address is refused");
  return parse_address_list(text);
}

// Gathers addresses, each once.
class Gathered {
public:
  explicit Gathered(std::string_view hostname) : hostname_(hostname) {}

  Result<> add(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      Result<Address> address = whole_address(text, hostname_);
      if (!address) return std::unexpected(address.error());
      if (seen_.insert(address->text()).second) all_.push_back(std::move(*address));
    }
    return {};
  }

  [[nodiscard]] std::vector<Address> take() { return std::move(all_); }

private:
  std::string_view hostname_;
  std::vector<Address> all_;
  std::unordered_set<std::string> seen_;
};

} // namespace

Result<Address> sender_address(std::string_view text, std::string_view hostname) {
  const auto list = parse_argument(text);
  if (!list) return std::unexpected(list.error());
  if (list->empty()) return Address();
  if (list->size() > 1) return fail("more than one sender");
  return whole_address(list->front(), hostname);
}

Result<std::vector<Address>> recipient_addresses(const std::vector<std::string>& from_arguments,
                                                 const std::vector<std::string>& from_header,
                                                 std::string_view hostname) {
  Gathered gathered(hostname);
  for (const std::string& argument : from_arguments) {
    const auto list = parse_argument(argument);
    if (!list) return std::unexpected(list.error());
    const Result<> added = gathered.add(*list);
    if (!added) return std::unexpected(added.error());
  }
  const Result<> added = gathered.add(from_header);
  if (!added) return std::unexpected(added.error());
  return gathered.take();
}

EnvelopeSender envelope_sender(const Arguments& arguments, const Address& sender,
                               std::span<const Address> recipients) {
  EnvelopeSender from;
  from.sender = sender;
  from.ret = arguments.ret;
  from.envid = arguments.envid;
  from.body = arguments.body;
  const auto beyond_ascii = [](const Address& address) { return !address.ascii(); };
  from.utf8 = beyond_ascii(sender) || std::ranges::any_of(recipients, beyond_ascii);
  return from;
}

} // namespace waypost::queue
