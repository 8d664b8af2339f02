// The configuration of waypost-submit, submit.toml: where mail goes at once, and with which login.
// waypost-submit(1) holds every key.
//
// Its keys are those that a transport has in waypost.toml (route/key.h), without a table of their
// own, and some of its own. No secret stands in it.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "lib/mail/snapshot.h"
#include "route/complaints.h"

namespace waypost::submit {

struct SubmitConfig {
  Settings settings;      // of which only hostname and resolver can be set
  Transport transport;    // the one way out
  std::string from;       // for senders that are not given, or are bare local names
  std::string local_mail; // who gets the mail of bare local names
  std::string save;       // where unsent messages lie; empty: save_folder()
  std::vector<std::string> password_command; // its first line is the password
  std::string password_file;                 // likewise; "~/" is the caller's home
};

// `path` is for words alone. Nothing is opened and no name is looked up. Complaints by line.
[[nodiscard]] std::expected<SubmitConfig, std::vector<route::Complaint>>
read_submit_config(std::string_view text, std::string_view path);

// The name by which the login's secret is known between our two processes: there is no other.
inline constexpr const char* kOwnSecret = "password";

} // namespace waypost::submit
