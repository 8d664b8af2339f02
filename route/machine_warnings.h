// Machine warnings: what a configuration names by file and this machine does not have: keys to sign
// with, passwords, certificates, commands. Mail that needs one waits until it is there, so it is
// said when the configuration is read, and not first by mail that waits. And commands that count on
// set-id bits, as procmail does, which have no effect.
#pragma once

#include <string>
#include <vector>

#include "lib/mail/snapshot.h"
#include "route/complaints.h"
#include "route/origins.h"

namespace waypost::route {

// Sorted by line. `etc`: the home's (lib/sys/home.h), where keys and passwords lie. Only what is
// surely missing counts: who may not look into a folder is told nothing.
[[nodiscard]] std::vector<Complaint>
machine_warnings(const Snapshot& snapshot, const Origins& origins, const std::string& etc);

} // namespace waypost::route
