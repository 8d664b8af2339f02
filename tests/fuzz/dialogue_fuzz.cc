// A whole transaction with a server that says anything: it ends, every recipient is decided exactly
// once or left with a reason, and nothing but our own commands and message has been sent.
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "deliver/dialogue.h"

using namespace waypost;
using namespace waypost::deliver;

namespace {

Job some_job(int recipients, std::size_t length) {
  Job job;
  job.length = length;
  job.sender.sender = *Address::parse("from@example.org");
  for (int i = 0; i < recipients; ++i) {
    JobRecipient one;
    one.number = static_cast<std::uint32_t>(i);
    one.recipient.address = *Address::parse("to" + std::to_string(i) + "@example.com");
    one.recipient.notify = *Notify::parse("SUCCESS");
    job.recipients.push_back(std::move(one));
  }
  return job;
}

int message() {
  static const int fd = [] {
    const int file = ::memfd_create("message", 0);
    if (::write(file, "Subject: x\r\n\r\n.\r\n", 17) != 17) std::abort();
    return file;
  }();
  return fd;
}

void check(const Verdicts& verdicts, std::size_t recipients) {
  std::set<std::size_t> seen;
  for (const Verdicts::One& one : verdicts.settled) {
    // What a server makes of an outcome, the manager can read.
    JobResult result;
    result.transaction.groups.push_back({{}, one.outcome});
    result.transaction.groups.back().recipients.add(0);
    const Result<JobResult> read = job_result(to_record(result));
    if (!read || read->transaction != result.transaction) std::abort();
    if (!seen.insert(one.recipient).second) std::abort();
    const bool delivered = one.outcome.disposition == Disposition::delivered ||
                           one.outcome.disposition == Disposition::relayed;
    if (delivered != (one.outcome.klass == FailureClass::none)) std::abort();
  }
  for (const std::size_t one : verdicts.left) {
    if (!seen.insert(one).second) std::abort();
  }
  if (seen.size() != recipients) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 60'000) return 0;
  ::signal(SIGPIPE, SIG_IGN);
  int pair[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) std::abort();
  const Fd server(pair[1]);
  if (::write(server.get(), data + 2, size - 2) < 0) return 0;
  ::shutdown(server.get(), SHUT_WR);
  net::Loop loop;
  Recorder recorder;
  Connection peer(loop, Fd(pair[0]), {"test", *net::IpAddress::parse("192.0.2.1"), 0, 25},
                  recorder);
  peer.offered.pipelining = (data[0] & 1) != 0;
  peer.offered.dsn = (data[0] & 2) != 0;
  peer.open_transaction = (data[0] & 4) != 0;
  peer.transactions = (data[0] & 8) != 0 ? 1 : 0;
  Transport transport;
  const Job job = some_job(data[1] % 4 + 1, 17);
  std::vector<std::size_t> all(job.recipients.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = i;
  Dialogue dialogue(peer, transport, job, message(), all);
  net::Task<Verdicts> task = dialogue.run();
  task.start();
  loop.run_until([&] { return task.done(); });
  check(task.take(), all.size());
  if (recorder.take().size() > kMaxTranscript) std::abort();
  return 0;
}
