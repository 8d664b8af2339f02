// The service and waypost-lspawn: each local job with a pipe of its own, which is fed from here.
#include <fcntl.h>
#include <unistd.h>

#include "lib/mail/local_job.h"
#include "queue/manager/service.h"

namespace waypost::queue {

void Service::send_local_job(const Job& job, const std::string& mailbox, Fd message) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return refuse_local_job(job.job, fail_errno("make a pipe").error());
  Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  LocalJob local;
  local.job = job.job;
  local.id = job.id;
  local.transport = job.transport;
  local.mailbox = mailbox;
  local.recipient = job.recipients.front().recipient.address;
  local.sender = job.sender.sender;
  const MessagePart rest{message.get(), job.offset + job.skip, job.length - job.skip};
  local.length = job.headers.size() + rest.length;
  locals_started_ = true;
  locals_.channel().send(to_record(local), {}, std::move(read_end));
  pumps_[job.job] =
      std::make_unique<MessagePump>(loop_, std::move(write_end), job.headers, std::move(message),
                                    rest, [this, number = job.job] { pumps_.erase(number); });
}

// Answered later, as every job is.
void Service::refuse_local_job(std::uint64_t job, const Error& error) {
  LocalResult result;
  result.job = job;
  result.kind = LocalResult::Kind::refused;
  result.text = error.text;
  manager_->later(0, [this, result] { manager_->on_local_result(result); });
}

void Service::local_frame(Frame frame) {
  const Result<LocalResult> result = local_result(frame.record);
  if (!result) return broken("waypost-lspawn: " + result.error().text);
  pumps_.erase(result->job);
  manager_->on_local_result(*result);
  leave_when_idle();
}

} // namespace waypost::queue
