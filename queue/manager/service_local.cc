// The service and waypost-lspawn: each local job with a pipe of its own, which is fed from here.
#include "lib/mail/local_job.h"
#include "lib/sys/pipe.h"
#include "queue/manager/service.h"

namespace waypost::queue {

void Service::send_local_job(const Job& job, const std::string& mailbox, Fd message) {
  Result<Pipe> pipe = open_pipe();
  if (!pipe) return refuse_local_job(job.job, pipe.error());
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
  locals_.channel().send(to_record(local), {}, std::move(pipe->read));
  pumps_[job.job] =
      std::make_unique<MessagePump>(loop_, std::move(pipe->write), job.headers, std::move(message),
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
