// Which fields a signature covers: the names of its tag h=, and the hash of what they name.
//
// A name stands in h= once for each field of that name, and once more (it is oversigned) where
// nobody may add another: a verifier takes the name of a field that is not there as an empty one,
// so a second From or Subject breaks the signature (RFC 6376 5.4.2, 8.15).
//
//   always oversigned       what readers see and answer to: From, To, Cc, Reply-To, Subject
//   oversigned when there   Date, Message-ID, MIME-Version, Content-*, Sender, In-Reply-To,
//                           References; where one is missing a submission server may add it (RFC
//                           6409 8), which must not break the signature
//   signed when there       List-* (RFC 8058 4 asks for two of them), Resent-*, Auto-Submitted,
//                           Feedback-ID and the like, of which others may be added on the way
//
// Never: Received, Return-Path, DKIM-Signature, and what else the way changes (RFC 6376 5.4.1).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "dkim/header.h"

namespace waypost::dkim {

// In the order of h=; views of constants and of `fields`. Empty when there is no From, without
// which nothing may be signed (RFC 6376 5.4).
[[nodiscard]] std::vector<std::string> names_to_sign(std::span<const Field> fields);

// The canonical fields that `names` name, one after another: of several fields of a name the
// lowest first (RFC 6376 5.4.2).
[[nodiscard]] std::string hashed_fields(std::span<const Field> fields,
                                        std::span<const std::string> names, Canonical form);

} // namespace waypost::dkim
