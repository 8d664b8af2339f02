// The commands' side of the control socket (lib/mail/control.h, waypost-control(5)).
//
// One request, any number of answers, an end. Blocking: a command waits for its answer. What comes
// over the socket is checked like everything else that comes from another program.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "lib/mail/record.h"
#include "lib/sys/error.h"

namespace waypost::queue {

// How a request ended: an exit status (0, 100, 111) and a sentence for standard error, or "".
struct Ending {
  int status = 0;
  std::string text;
};

// Takes one answer; `content` are the bytes that follow a record of type=content. An error ends the
// request.
using OnAnswer = std::function<Result<>(const Record& answer, std::string_view content)>;

class Interrupt;

// Errors of connecting carry errno: ENOENT and ECONNREFUSED when no manager is running. When
// `interrupt` comes, the manager is asked to stop, and its answers go on to their end.
[[nodiscard]] Result<Ending> ask_manager(const std::string& socket, const Record& request,
                                         const OnAnswer& on_answer, Interrupt* interrupt = nullptr);

// Reads the answers that come on `fd` up to the end.
[[nodiscard]] Result<Ending> read_answers(int fd, const OnAnswer& on_answer,
                                          Interrupt* interrupt = nullptr);

} // namespace waypost::queue
