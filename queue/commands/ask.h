// Asking the queue: the running manager over its socket, else the spool itself where the caller may
// read it. One function that every command calls.
#pragma once

#include "lib/sys/confine.h"
#include "lib/sys/home.h"
#include "queue/commands/control_client.h"

namespace waypost::queue {

inline constexpr int kPermanent = 100; // exit statuses, beside 0
inline constexpr int kTemporary = 111;

// What a command may still do when it knows its arguments: ask the manager and, with none running,
// read and change the spool as its owner.
[[nodiscard]] Promises promises_of_command(const Home& home);

// Errors are whole sentences for a person.
[[nodiscard]] Result<Ending> ask_queue(const Home& home, const Record& request,
                                       const OnAnswer& on_answer, Interrupt* interrupt = nullptr);

// No manager listens on the socket.
[[nodiscard]] bool nobody_listens(const Error& error);

// Writes `program: text` to standard error when there is a text, and returns the status.
int finish(std::string_view program, const Result<Ending>& ending);
int finish_badly(std::string_view program, std::string_view text, int status);
// For arguments that could not be taken: the error, or what --help asks for, and the status.
// `names`: what the command takes beside options, as a usage line says it.
int refuse_arguments(std::string_view program, const Error& error, std::string_view names = "");

} // namespace waypost::queue
