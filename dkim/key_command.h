// waypost-dkimsign keygen and record: a new key, and the record that the DNS must hold for it.
#pragma once

#include <string>

#include "dkim/arguments.h"
#include "dkim/key_folder.h"

namespace waypost::dkim {

// Makes the key and returns what to print: the record, and what is to do next.
[[nodiscard]] Result<std::string> run_keygen(const Arguments& arguments, KeyFolder& keys);
// The record of a key that is there.
[[nodiscard]] Result<std::string> run_record(const Arguments& arguments, const KeyFolder& keys);

} // namespace waypost::dkim
