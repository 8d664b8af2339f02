// Configuration: waypost.toml made into a snapshot, or into the list of everything that is wrong
// with it. Beside the snapshot, what only people want: where each part stands, and warnings.
//
//  1. The file becomes a tree (document.h); a syntax error ends it here.
//  2. The keys before the first table become the settings; defaults are filled in.
//  3. [defaults] is checked alone; then each transport takes its type's defaults, [defaults], and
//     its own keys, and is checked as a whole.
//  4. Rules are read in the order account, domain, global, each in the file's order, and must lead
//     to a transport that exists.
//  5. What is right but can hardly be meant is warned of (warnings.h).
// Nothing is written, no name is looked up, no other file is opened.
#pragma once

#include <expected>
#include <string_view>
#include <vector>

#include "lib/mail/snapshot.h"
#include "route/complaints.h"
#include "route/origins.h"

namespace waypost::route {

struct Configuration {
  Snapshot snapshot;
  Origins origins;
  std::vector<Complaint> warnings; // sorted by line
};

// `path` names the file in Settings::source and, without its folders, in each rule's `where`. The
// generation is left 0. Complaints come sorted by line.
[[nodiscard]] std::expected<Configuration, std::vector<Complaint>>
read_configuration(std::string_view text, std::string_view path);

// Its snapshot alone.
[[nodiscard]] std::expected<Snapshot, std::vector<Complaint>> configure(std::string_view text,
                                                                        std::string_view path);

// What holds without a file: the defaults, and direct delivery.
[[nodiscard]] Configuration default_configuration();

} // namespace waypost::route
