// Folders: those that the tree needs, made with their owners and modes, and synced: a message's
// name is only as durable as the folder that holds it. waypost-spool(5).
//
// Existing folders keep what they hold; owner and mode are set right. Nothing follows a symbolic
// link, because wayqueue owns the spool and root walks it.
#pragma once

#include <optional>

#include "lib/sys/error.h"
#include "lib/sys/home.h"
#include "start/accounts.h"

namespace waypost::start {

// `accounts` is empty in a personal home.
Result<> make_folders(const Home& home, const std::optional<Accounts>& accounts);

} // namespace waypost::start
