// Message: what a signature needs of a message, read once as a stream: the header's fields, and the
// hash of the body in one canonical form.
//
// The message may have any line ends; what is hashed is its wire form (lib/mail/wire_form.h): the
// very bytes that waypost-queue stores and that leave after DATA, where senders add nothing but the
// dots that the receiver takes off again. So a signature holds whether it was made before
// waypost-queue or after it.
#pragma once

#include <string>
#include <string_view>

#include "dkim/body_hash.h"
#include "dkim/header.h"
#include "lib/mail/wire_form.h"

namespace waypost::dkim {

class Message {
public:
  explicit Message(Canonical body) : body_(body) {}

  // The next bytes. After an error nothing else is called.
  [[nodiscard]] Result<> take(std::string_view bytes);
  // The message has ended: called once, before what follows.
  [[nodiscard]] Result<> finish();

  [[nodiscard]] Header& header() { return header_; }
  [[nodiscard]] const Header& header() const { return header_; }
  [[nodiscard]] const std::string& body_hash() const { return body_hash_; }

private:
  [[nodiscard]] Result<> take_wire(std::string_view piece);

  WireForm wire_;
  Header header_;
  bool in_header_ = true;
  BodyHash body_;
  std::string body_hash_;
};

} // namespace waypost::dkim
