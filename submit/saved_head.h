// The head of a saved message: what waypost-submit must know to send it later. Pure, no I/O.
//
//   X-Waypost-Saved: 1                      the first line; the number of this form
//   X-Waypost-Sender: alice@example.org     empty for the null sender
//   X-Waypost-Return: FULL                  and Envid, Body, Notify: where they were asked for
//   X-Waypost-Recipient: bob@example.test   one each
//   X-Waypost-Reason: bob@...: 550 ...      why it was not sent; for people
//   X-Waypost-Message: follows              the last line; behind it the message as it goes out
//
// Lines end with CRLF, as those of the message, so that the file as a whole is a message that mail
// programs can show. Only the head says who gets it: fields of such names in the message mean
// nothing. waypost-submit(1).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/mail/envelope.h"

namespace waypost::submit {

struct SavedHead {
  EnvelopeSender sender;
  Notify notify;
  std::vector<Address> recipients; // at least one
  std::vector<std::string> reasons;
};

inline constexpr std::size_t kMaxSavedHead = std::size_t{4} << 20;

[[nodiscard]] std::string saved_head_text(const SavedHead& head);

struct ParsedHead {
  SavedHead head;
  std::size_t length = 0; // of its text: where the message begins
};
// From the first bytes of a file; they hold the whole head.
[[nodiscard]] Result<ParsedHead> parse_saved_head(std::string_view file);

} // namespace waypost::submit
