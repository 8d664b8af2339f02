// Configuration: waypost.toml made into a snapshot, or into the list of everything that is wrong
// with it.
//
//  1. The file becomes a tree (document.h); a syntax error ends it here.
//  2. The keys before the first table become the settings; defaults are filled in.
//  3. [defaults] is checked alone; then each transport takes its type's defaults, [defaults], and
//     its own keys, and is checked as a whole.
//  4. Rules are read in the order account, domain, global, each in the file's order, and must lead
//     to a transport that exists.
// Nothing is written, no name is looked up, no other file is opened.
#pragma once

#include <expected>
#include <string_view>
#include <vector>

#include "lib/mail/snapshot.h"
#include "route/complaints.h"

namespace waypost::route {

// `path` names the file in Settings::source and, without its folders, in each rule's `where`. The
// generation is left 0. Complaints come sorted by line.
[[nodiscard]] std::expected<Snapshot, std::vector<Complaint>> configure(std::string_view text,
                                                                        std::string_view path);

// What holds without a file: the defaults, and direct delivery.
[[nodiscard]] Snapshot default_snapshot();

} // namespace waypost::route
