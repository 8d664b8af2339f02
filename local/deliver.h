// The ways of waypost-local, by the words that waypost-lspawn gives it.
#pragma once

#include <string>
#include <vector>

#include "local/letter.h"
#include "local/verdict.h"

namespace waypost::local {

//   maildir PATH | mbox PATH | pipe MS PROGRAM ARGUMENT... | aliases MS ALIASFILE
//   lmtp CONNECT_MS COMMAND_MS FINAL_MS SOCKET-or-ADDRESS PORT
[[nodiscard]] Verdict deliver(const std::vector<std::string>& words, const LocalEnvelope& envelope,
                              Letter& letter, char* const* inherited);

} // namespace waypost::local
