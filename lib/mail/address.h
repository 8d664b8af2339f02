// Domain and Address: parsed once at the edge, and from then on unable to hold CR, LF, NUL or a
// space.
//
// An address is stored as it was given; comparison and routing use Domain::normal(): lower case,
// A-labels (IDNA 2008 is applied by those who link libidn2, see route/ and lib/net), no trailing
// dot. RFC 5321 4.1.2, RFC 6531 3.3.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/sys/error.h"

namespace waypost {

// The part after the last '@': a domain name, or an address literal "[192.0.2.1]",
// "[IPv6:2001:db8::1]".
class Domain {
public:
  [[nodiscard]] static Result<Domain> parse(std::string_view text);
  [[nodiscard]] const std::string& text() const { return text_; } // as given
  [[nodiscard]] bool literal() const { return text_.front() == '['; }
  [[nodiscard]] bool ascii() const;
  // ASCII lower case, no trailing dot. U-labels are left as they are: see idna.h for A-labels.
  [[nodiscard]] std::string lower() const;

private:
  explicit Domain(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// A sender or recipient of an envelope. A null sender `<>` is the empty Address; a bare local part
// ("root") has no domain.
class Address {
public:
  static constexpr std::size_t kMaxLength =
      1000; // RFC 5321 asks for 64 + 1 + 255; VERP and SRS go beyond

  Address() = default; // the null sender
  // Accepts `local@domain`, `"quoted local"@domain` and `local`; no angle brackets; "" is the null
  // sender. Refuses controls (CR, LF, NUL and all others), a space outside of quotes, and invalid
  // UTF-8. An address longer than kMaxLength has the error code ENAMETOOLONG.
  [[nodiscard]] static Result<Address> parse(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool null() const { return text_.empty(); }
  [[nodiscard]] std::string_view local() const;
  [[nodiscard]] std::string_view domain() const; // empty when there is none
  [[nodiscard]] bool ascii() const;
  bool operator==(const Address&) const = default;

private:
  explicit Address(std::string text, std::size_t at) : text_(std::move(text)), at_(at) {}
  std::string text_;
  std::size_t at_ = std::string::npos; // of the '@' before the domain
};

} // namespace waypost
