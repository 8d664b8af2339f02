// The envelope as it travels on fd 1 of waypost-queue and as it stands in a spool file.
//
//   F<sender>\0 [R<FULL|HDRS>\0] [V<envid>\0] [B<7BIT|8BITMIME>\0] [U\0] { T<recipient>\0
//   [N<notify>\0] [O<orcpt>\0] }... \0
//
// qmail's form, with optional fields of waypost's: R and V are RET and ENVID, N and O are NOTIFY
// and ORCPT of RFC 3461 (N: "NEVER", or a list of SUCCESS, FAILURE, DELAY; V and O: xtext as it
// came, see xtext.h), B is BODY of RFC 6152, U says that SMTPUTF8 was asked for (RFC 6531).
// A<login>\0 and P<peer>\0 may stand after F, and are taken only from waypost's own uids. The last
// \0 ends the envelope on fd 1 and is not stored. Unknown letters, a missing F or T, and a field
// out of place are errors.
//
// EnvelopeParser takes bytes as they come and calls its sink for each field: nothing grows with the
// number of recipients.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/mail/address.h"
#include "lib/sys/error.h"

namespace waypost {

enum class BodyType : std::uint8_t { unknown, seven_bit, eight_bit_mime };
enum class DsnReturn : std::uint8_t { unset, full, headers };

// RFC 3461 4.1: the conditions under which the sender wants to hear of a recipient.
struct Notify {
  bool given = false; // false: not said, which means FAILURE and, by custom, DELAY
  bool success = false;
  bool failure = true;
  bool delay = true;

  [[nodiscard]] bool never() const { return given && !success && !failure && !delay; }
  [[nodiscard]] std::string text() const; // "" when not given
  [[nodiscard]] static std::optional<Notify> parse(std::string_view text);
  bool operator==(const Notify&) const = default;
};

// What an envelope says once, for all its recipients.
struct EnvelopeSender {
  Address sender;
  DsnReturn ret = DsnReturn::unset;
  std::string envid;
  BodyType body = BodyType::unknown;
  bool utf8 = false;
  std::string login; // from A; empty when not given
  std::string peer;  // from P; empty when not given
};

struct EnvelopeRecipient {
  Address address;
  Notify notify;
  std::string orcpt;
};

// The stored form: F with its fields (never A and P, which the head keeps), or T with its fields.
[[nodiscard]] std::string encode(const EnvelopeSender&);
[[nodiscard]] std::string encode(const EnvelopeRecipient&);

class EnvelopeSink {
public:
  EnvelopeSink() = default;
  EnvelopeSink(const EnvelopeSink&) = delete;
  EnvelopeSink& operator=(const EnvelopeSink&) = delete;
  virtual ~EnvelopeSink() = default;
  virtual Result<> on_sender(const EnvelopeSender&) = 0;
  // Called in order, once a recipient.
  virtual Result<> on_recipient(const EnvelopeRecipient&) = 0;
};

class EnvelopeParser {
public:
  static constexpr std::size_t kMaxField = 2048;

  explicit EnvelopeParser(EnvelopeSink& sink) : sink_(sink) {}

  // The next bytes of fd 1. True once the final \0 has been seen; bytes behind it are an error.
  [[nodiscard]] Result<bool> feed(std::string_view bytes);
  // The stored form has no final \0: its end is known by its length. True to feed() nothing more.
  [[nodiscard]] Result<> finish();

private:
  enum class Stage : std::uint8_t { start, sender, recipient, ended };
  Result<> take(std::string_view field);
  Result<> sender_field(char letter, std::string_view value);
  Result<> recipient_field(char letter, std::string_view value);
  Result<> flush();

  EnvelopeSink& sink_;
  Stage stage_ = Stage::start;
  std::string partial_;
  EnvelopeSender sender_;
  EnvelopeRecipient recipient_;
};

} // namespace waypost
