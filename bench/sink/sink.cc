// sink: an SMTP server that takes all mail and keeps only a ledger; the next hop of every bench.
//
//   sink PORT DELAY_MS LEDGER [CERTIFICATE KEY]
//
// Writes a newline to standard output when it listens. Ends by signal.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <new>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/sink/server.h"

namespace {

using namespace waypost;

bench::Ledger* map_ledger(const char* path) {
  const Fd file(::open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file || ::ftruncate(file.get(), sizeof(bench::Ledger)) < 0) return nullptr;
  void* memory =
      ::mmap(nullptr, sizeof(bench::Ledger), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  return memory == MAP_FAILED ? nullptr : ::new (memory) bench::Ledger;
}

int failed(const char* what) {
  std::perror(what);
  return 111;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 6) {
    std::fputs("usage: sink PORT DELAY_MS LEDGER [CERTIFICATE KEY]\n", stderr);
    return 100;
  }
  bench::Ledger* ledger = map_ledger(argv[3]);
  if (ledger == nullptr) return failed(argv[3]);
  bench::TlsContext tls;
  if (argc == 6) {
    tls = bench::read_certificate(argv[4], argv[5]);
    if (tls == nullptr) return failed(argv[4]);
  }
  std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL
  bench::SinkOptions options;
  options.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  options.delay = std::chrono::milliseconds(std::atoi(argv[2]));
  options.tls = tls.get();
  bench::Server server(options, *ledger);
  if (auto listening = server.listen(); !listening) return failed(listening.error().text.c_str());
  if (::write(1, "\n", 1) != 1) return failed("standard output");
  if (auto ended = server.run(); !ended) return failed(ended.error().text.c_str());
  return 0;
}
