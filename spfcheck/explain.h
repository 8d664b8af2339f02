// A check told to a person: what came of it, and how, as a tree with each lookup and its cost.
#pragma once

#include <string>

#include "spfcheck/check_host.h"

namespace waypost::spfcheck {

// "result: pass" and so on, a line each; the last is the Received-SPF header field.
[[nodiscard]] std::string summary_text(const CheckResult& result, const Query& query,
                                       const std::string& sender);

// The tree: domains, below them their terms, below these their lookups.
[[nodiscard]] std::string tree_text(const CheckResult& result);

// "TXT example.org"
[[nodiscard]] std::string question_text(const Question& question);

} // namespace waypost::spfcheck
