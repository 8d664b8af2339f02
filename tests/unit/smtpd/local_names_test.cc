// Who is here, asked of a waypost-route of the test's.
#include "smtpd/local_names.h"

#include <criterion/criterion.h>
#include <csignal>
#include <functional>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "lib/sys/netstring.h"

using namespace waypost;
using namespace waypost::smtpd;
using Standing = LocalNames::Standing;

namespace {

// What becomes of one waypost-route: it reads at `in` and answers at `out`.
using Life = std::function<void(int in, int out)>;

void dies_at_once(int, int) {}

// Reads one question, and answers it as one about a domain of somebody else.
void answers_once(int in, int out) {
  char bytes[4096];
  const ssize_t n = ::read(in, bytes, sizeof bytes);
  std::string_view rest(bytes, n > 0 ? static_cast<std::size_t>(n) : 0);
  const auto payload = take_netstring(rest, sizeof bytes);
  if (!payload || !*payload) return;
  const auto record = Record::decode(**payload);
  RouteAnswer answer;
  answer.query = record ? record->number("query").value_or(0) : 0;
  answer.transport = "direct";
  answer.type = "direct";
  answer.destination = "far.example";
  answer.rule = "default";
  std::string frame;
  append_netstring(frame, to_record(answer).encode());
  [[maybe_unused]] const ssize_t written = ::write(out, frame.data(), frame.size());
}

void says_half(int, int out) {
  [[maybe_unused]] const ssize_t written = ::write(out, "40:half", 7);
}

// And lives on, saying nothing more, until nobody listens.
void says_half_and_waits(int in, int out) {
  says_half(in, out);
  char bytes[4096];
  while (::read(in, bytes, sizeof bytes) > 0) {
  }
}

// Half an answer, and then the rest.
void answers_in_two_parts(int in, int out) {
  int both[2];
  if (::pipe(both) != 0) std::abort();
  answers_once(in, both[1]);
  char bytes[4096];
  const ssize_t n = ::read(both[0], bytes, sizeof bytes);
  [[maybe_unused]] ssize_t written = ::write(out, bytes, 5);
  ::usleep(20'000); // so that they are likely to be read apart
  written = ::write(out, bytes + 5, static_cast<std::size_t>(n) - 5);
  ::close(both[0]);
  ::close(both[1]);
}

// What names say of as many recipients as there are lives of waypost-route.
std::vector<Standing> found(const std::vector<Life>& lives, int rest_ms = 60'000) {
  ::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  cr_assert_eq(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const Fd ours(ends[0]);
  Fd gates(ends[1]);
  std::thread gate([&lives, &gates] {
    for (const Life& life : lives) {
      Request request;
      if (!request.take(gates.get()).value_or(false)) return;
      life(request.first(), request.second());
    }
  });
  RouteNames names(ours.get(), "account", rest_ms);
  std::vector<Standing> all;
  for (std::size_t i = 0; i < lives.size(); ++i)
    all.push_back(names.find(*Address::parse("me@here.example"), *Address::parse("x@far.example")));
  ::shutdown(ours.get(), SHUT_RDWR);
  gate.join();
  return all;
}

} // namespace

Test(local_names, an_answer_is_believed) {
  cr_expect(found({answers_once}) == std::vector{Standing::elsewhere});
}

// Each question that fails is for now, and says nothing of the next.
Test(local_names, who_has_failed_once_is_asked_no_more) {
  cr_expect(found({dies_at_once, answers_once}) ==
            (std::vector{Standing::unknown, Standing::elsewhere}));
  cr_expect(found({says_half, dies_at_once, answers_once}) ==
            (std::vector{Standing::unknown, Standing::unknown, Standing::elsewhere}));
}

// Thirty seconds are for the first byte.
Test(local_names, half_an_answer_is_not_waited_for, .timeout = 25) {
  cr_expect(found({says_half_and_waits, answers_once}, 50) ==
            (std::vector{Standing::unknown, Standing::elsewhere}));
}

Test(local_names, an_answer_may_come_in_parts) {
  cr_expect(found({answers_in_two_parts}) == std::vector{Standing::elsewhere});
}
