#include "queue/accept/handovers.h"

#include <array>
#include <sys/socket.h>

#include "lib/mail/handover.h"
#include "lib/sys/passed_descriptors.h"
#include "queue/accept/handover_intake.h"
#include "queue/accept/pipe_intake.h"

namespace waypost::queue {
namespace {

// Does the caller pass pipes? Descriptors beside another byte than Q are no frame either, whose
// rest would be waited for.
bool passes_pipes(int connection) {
  char first = 0;
  iovec part{&first, 1};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1; // and no room for descriptors: MSG_CTRUNC says that there are some
  if (::recvmsg(connection, &header, MSG_PEEK) != 1) return false;
  return first == kHandoverPipes || (header.msg_flags & MSG_CTRUNC) != 0;
}

} // namespace

void Handovers::serve() {
  auto said = patience_.wait_for(connection_);
  if (said && passes_pipes(connection_)) {
    // Behind an answer nobody waits for another one, so that the place is left without a word.
    while (said && take_pipes())
      said = patience_.wait_for(connection_);
    return;
  }
  HandoverIntake intake(connection_, patience_);
  [[maybe_unused]] const bool heard = answer(said ? take_(intake) : std::unexpected(said.error()));
}

bool Handovers::take_pipes() {
  std::array<Fd, 2> passed;
  const auto came = take_descriptors(connection_, passed);
  if (!came || *came != kHandoverPipes) return false;
  if (!is_pipe(passed[0].get()) || !is_pipe(passed[1].get()))
    return answer(std::unexpected(Refusal{QueueExit::read_error, "what was passed is no pipe"}));
  PipeIntake intake({passed[0].get(), passed[1].get()}, patience_);
  return answer(take_(intake));
}

bool Handovers::answer(const std::expected<MessageId, Refusal>& taken) const {
  const std::string frame =
      taken ? encode({false, 0, taken->text()})
            : encode({false, static_cast<int>(taken.error().exit), taken.error().text});
  const ssize_t n = ::send(connection_, frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return n == static_cast<ssize_t>(frame.size());
}

} // namespace waypost::queue
