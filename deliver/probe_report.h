// What waypost-probe prints: findings for a person, or one object for a program (waypost-probe(1)).
#pragma once

#include <string>

#include "deliver/probe_findings.h"

namespace waypost::deliver {

// Lines; with `dialogue` each try's whole dialogue too.
[[nodiscard]] std::string probe_text(const ProbeFindings& found, bool dialogue);
[[nodiscard]] std::string probe_json(const ProbeFindings& found); // one line

} // namespace waypost::deliver
