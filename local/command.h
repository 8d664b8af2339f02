// Command: a program that takes the message on its standard input. No shell has a part in it.
//
// It gets the message with LF line ends behind Return-Path and Delivered-To, a clean environment,
// and nothing else. Should the message not come whole, it is killed before it could take the pipe's
// end for the message's. What it writes becomes the text of the verdict, its exit status the
// verdict's (sysexits(3), qmail-command(8)). A set-id bit gives it nothing; when it fails, that is
// said.
#pragma once

#include <string>
#include <vector>

#include "lib/sys/clock.h"
#include "local/letter.h"
#include "local/verdict.h"

namespace waypost::local {

// A word that is {user}, {sender}, {recipient}, {local}, {domain} or {detail} stands for that. An
// error where such a value begins with a hyphen: the program would take it for an option.
[[nodiscard]] Result<std::vector<std::string>> fill_in(const std::vector<std::string>& words,
                                                       const LocalEnvelope& envelope);

// PATH, HOME, USER, LOGNAME and SHELL as they stand in `inherited`, and SENDER, RECIPIENT, LOCAL,
// DOMAIN, EXTENSION with every byte that a careless script could stumble on made `_`.
[[nodiscard]] std::vector<std::string> command_environment(const LocalEnvelope& envelope,
                                                           char* const* inherited);

struct Command {
  std::vector<std::string> words; // the first is the program's absolute path
  std::vector<std::string> environment;
  BootMs limit_ms = 0;
};

[[nodiscard]] Verdict deliver_to_command(const Clock& clock, const Command& command,
                                         const LocalEnvelope& envelope, Letter& letter);

} // namespace waypost::local
