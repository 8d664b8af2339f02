// Who may have a mailbox on this machine, and what it may be called. One policy for the route
// program, which says so to senders, and for waypost-lspawn, which enforces it.
#pragma once

#include <string_view>
#include <sys/types.h>

namespace waypost {

// Never root; never an account of the system (below 1000; from 60000 to 65535, where nobody and
// dynamic users are). These receive only where a transport names them.
[[nodiscard]] bool may_receive(uid_t uid);

// As the name of a file in a folder of mailboxes: letters, digits, - _ + = and dots within; no way
// out of the folder, and nothing hidden.
[[nodiscard]] bool mailbox_name(std::string_view name);

} // namespace waypost
