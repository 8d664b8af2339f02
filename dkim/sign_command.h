// The filter that waypost-dkimsign is: a message on one descriptor, its DKIM-Signature fields, or
// with --whole the signed message, on another.
//
// The fields' lines end as those of the message do, so that they can be put before it as they are.
// The message is read once and never kept in memory; with --whole it is read again, from where it
// was a file, or else from a copy without a name in the folder of temporary files.
#pragma once

#include <string>

#include "dkim/arguments.h"
#include "dkim/key_folder.h"
#include "lib/sys/fd.h"

namespace waypost::dkim {

struct Streams {
  int in = 0;
  int out = 1;
  Fd copy; // with --whole, where `in` is no file
};

// With the copy, if `arguments` need one: the only file that is made, so that whoever confines
// himself can do it after this.
[[nodiscard]] Result<Streams> open_streams(const Arguments& arguments, int in, int out);

// Nothing is written to `out` before all is signed. An error with a code of 0 stays; another may
// pass.
[[nodiscard]] Result<> run_sign(Fs& fs, const Arguments& arguments, const KeyFolder& keys,
                                const Streams& streams);

// In whose name: the domain of -d; or the author's, or the nearest above it that has these keys.
[[nodiscard]] Result<std::string> signing_domain(const Arguments& arguments, const KeyFolder& keys,
                                                 const Header& header);

} // namespace waypost::dkim
