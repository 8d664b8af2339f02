// lib/net without servers: lines, addresses, DNS messages, signals and tasks on a loop.

#include <criterion/criterion.h>

#include <ares.h>
#include <array>
#include <sys/socket.h>

#include "lib/net/dns_message.h"
#include "lib/net/ip.h"
#include "lib/net/lines.h"
#include "lib/net/socket.h"
#include "lib/net/task.h"

using namespace waypost;
using namespace waypost::net;
using namespace std::string_literals;

namespace {

void feed(LineReader& reader, std::string_view bytes) {
  const std::span<char> space = reader.space();
  cr_assert(space.size() >= bytes.size());
  std::ranges::copy(bytes, space.begin());
  reader.filled(bytes.size());
}

std::string next_line(LineReader& reader) {
  const Result<std::optional<std::string_view>> line = reader.next();
  if (!line) return "(error)";
  return *line ? std::string(**line) : "(none)";
}

void expect_same(const std::string& got, const std::string& expected) {
  cr_expect(got == expected, "got '%s', expected '%s'", got.c_str(), expected.c_str());
}

// An answer to one question, written by hand.
std::string answer(std::string_view counts, std::string_view records, char rcode = 0) {
  std::string out = "\x12\x34\x81"s + static_cast<char>(0x80 | rcode);
  out += counts;
  out += "\4mail\4test\0\0\x0f\0\1"s; // at 12; "test" at 17
  return out + std::string(records);
}

Task<int> number(int value) {
  co_return value;
}

Task<int> sum_of(int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) {
    const int one = co_await number(i);
    sum += one;
  }
  co_return sum;
}

struct Witness {
  bool* gone;
  explicit Witness(bool* flag) : gone(flag) {}
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() { *gone = true; }
};

Task<> wait_for(Signal& signal, Deadline deadline, bool* raised, bool* gone) {
  const Witness witness(gone);
  const bool was_raised = co_await signal.wait(deadline);
  *raised = was_raised;
}

Task<> copy_across(Socket& from, Socket& to, std::string bytes, std::string* received,
                   Deadline deadline) {
  const Result<> sent = co_await from.write_all(bytes, deadline);
  cr_assert(sent.has_value());
  std::array<char, 64> space;
  const Result<std::size_t> got = co_await to.read_some(space, deadline);
  cr_assert(got.has_value());
  received->assign(space.data(), *got);
}

Task<> read_nothing(Socket& socket, Deadline deadline, int* code) {
  std::array<char, 64> space;
  const Result<std::size_t> got = co_await socket.read_some(space, deadline);
  *code = got ? 0 : got.error().code;
}

// More than the socket's buffers hold, so that writing waits for the reader.
Task<> write_much(Socket& socket, std::size_t size, Deadline deadline) {
  const std::string bytes(size, 'x');
  const Result<> sent = co_await socket.write_all(bytes, deadline);
  cr_expect(sent.has_value());
}

Task<> read_much(Socket& socket, std::size_t size, Deadline deadline, std::size_t* total) {
  std::array<char, 65536> space;
  while (*total < size) {
    const Result<std::size_t> got = co_await socket.read_some(space, deadline);
    if (!got || *got == 0) co_return;
    *total += *got;
  }
}

struct Pair {
  Fd left;
  Fd right;
  Pair() {
    int both[2] = {-1, -1};
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both);
    left.reset(both[0]);
    right.reset(both[1]);
  }
};

} // namespace

Test(lines, come_whole_whatever_the_pieces) {
  LineReader reader;
  expect_same(next_line(reader), "(none)");
  feed(reader, "one\r");
  expect_same(next_line(reader), "(none)");
  feed(reader, "\ntwo\n\r\nthr");
  expect_same(next_line(reader), "one");
  expect_same(next_line(reader), "two");
  expect_same(next_line(reader), "");
  expect_same(next_line(reader), "(none)");
  cr_expect(!reader.empty());
  feed(reader, "ee\r\n");
  expect_same(next_line(reader), "three");
  cr_expect(reader.empty());
}

Test(lines, are_capped) {
  LineReader reader;
  feed(reader, std::string(LineReader::kMaxLine, 'x') + "\r\n");
  cr_expect_eq(next_line(reader).size(), LineReader::kMaxLine);
  feed(reader, std::string(LineReader::kMaxLine + 1, 'x') + "\r\n");
  expect_same(next_line(reader), "(error)");
  LineReader endless;
  feed(endless, std::string(LineReader::kMaxLine + 2, 'x'));
  expect_same(next_line(endless), "(error)");
}

Test(ip, addresses_that_are_nobody_s_mail_server) {
  struct Row {
    const char* text;
    bool local;
    bool unusable;
  };
  for (const Row& row :
       {Row{"127.0.0.1", true, false}, Row{"127.255.0.9", true, false}, Row{"0.0.0.0", true, false},
        Row{"0.1.2.3", true, false}, Row{"169.254.9.9", true, false}, Row{"::1", true, false},
        Row{"::", true, false}, Row{"fe80::1", true, false}, Row{"febf::1", true, false},
        Row{"::ffff:127.0.0.1", true, false}, Row{"224.0.0.1", false, true},
        Row{"255.255.255.255", false, true}, Row{"ff02::1", false, true},
        Row{"10.0.0.1", false, false}, Row{"192.168.1.1", false, false},
        Row{"fd00::1", false, false}, Row{"fec0::1", false, false},
        Row{"2001:db8::1", false, false}}) {
    const auto address = IpAddress::parse(row.text);
    cr_assert(address.has_value(), "%s", row.text);
    cr_expect_eq(address->local(), row.local, "%s local", row.text);
    cr_expect_eq(address->unusable(), row.unusable, "%s unusable", row.text);
  }
  for (const char* const text : {"", "1.2.3", "1.2.3.256", "example", "1.2.3.4 ", ":::"})
    cr_expect(!IpAddress::parse(text), "%s", text);
}

Test(ip, literals) {
  expect_same(IpAddress::from_literal("[192.0.2.1]")->text(), "192.0.2.1");
  expect_same(IpAddress::from_literal("[IPv6:2001:db8::1]")->text(), "2001:db8::1");
  expect_same(IpAddress::from_literal("[ipv6:::1]")->text(), "::1");
  for (const char* const bad : {"192.0.2.1", "[]", "[2001:db8::1]", "[IPv6:192.0.2.1]", "[x]"})
    cr_expect(!IpAddress::from_literal(bad), "%s", bad);
}

Test(dns, reads_mx_with_compression) {
  const std::string record = "\xc0\x0c\0\x0f\0\1\0\0\0\x3c\0\7\0\x0a\2mx\xc0\x11"s;
  const DnsAnswer found = read_answer(answer("\0\1\0\1\0\0\0\0"s, record), DnsType::mx);
  cr_assert_eq(found.status, DnsStatus::found);
  cr_assert_eq(found.mx.size(), 1);
  expect_same(found.mx[0].host, "mx.test");
  cr_expect_eq(found.mx[0].preference, 10);
  cr_expect_eq(found.ttl, 60);
}

Test(dns, tells_absence_from_failure) {
  struct Row {
    char rcode;
    DnsStatus status;
  };
  for (const Row& row : {Row{0, DnsStatus::no_data}, Row{3, DnsStatus::no_name},
                         Row{2, DnsStatus::failed}, Row{5, DnsStatus::failed}}) {
    const std::string message = answer("\0\1\0\0\0\0\0\0"s, "", row.rcode);
    cr_expect_eq(read_answer(message, DnsType::mx).status, row.status, "rcode %d", row.rcode);
  }
}

Test(dns, a_malformed_answer_is_a_failure) {
  const std::string record = "\xc0\x0c\0\x0f\0\1\0\0\0\x3c\0\7\0\x0a\2mx\xc0\x11"s;
  const std::string whole = answer("\0\1\0\1\0\0\0\0"s, record);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const DnsAnswer cut = read_answer(whole.substr(0, length), DnsType::mx);
    cr_expect_eq(cut.status, DnsStatus::failed, "%zu bytes", length);
  }
  // A name that points at itself, as owner and within the data.
  const std::string loop = "\xc0\x1b\0\x0f\0\1\0\0\0\x3c\0\4\0\x0a\xc0\x1b"s;
  cr_expect_eq(read_answer(answer("\0\1\0\1\0\0\0\0"s, loop), DnsType::mx).status,
               DnsStatus::failed);
}

Test(dns, hosts_with_strange_bytes_are_left_out) {
  const std::string strange = "\xc0\x0c\0\x0f\0\1\0\0\0\x3c\0\7\0\x0a\2m\n\xc0\x11"s;
  const std::string usual = "\xc0\x0c\0\x0f\0\1\0\0\0\x3c\0\7\0\x0a\2mx\xc0\x11"s;
  const DnsAnswer alone = read_answer(answer("\0\1\0\1\0\0\0\0"s, strange), DnsType::mx);
  cr_expect_eq(alone.status, DnsStatus::failed, "it has MX records: it is not its own host");
  const DnsAnswer both = read_answer(answer("\0\1\0\2\0\0\0\0"s, strange + usual), DnsType::mx);
  cr_assert_eq(both.status, DnsStatus::found);
  cr_expect_eq(both.mx.size(), 1);
}

Test(dns, the_strings_of_a_text_record_are_joined) {
  const std::string record = "\xc0\x0c\0\x10\0\1\0\0\0\x3c\0\7\3ab \2\x80\0"s;
  const std::string empty = "\xc0\x0c\0\x10\0\1\0\0\0\x3c\0\1\0"s;
  const DnsAnswer found = read_answer(answer("\0\1\0\2\0\0\0\0"s, record + empty), DnsType::txt);
  cr_assert_eq(found.status, DnsStatus::found);
  cr_assert_eq(found.texts.size(), 2);
  expect_same(found.texts[0], "ab \x80\0"s);
  expect_same(found.texts[1], "");
  // A string that is longer than its record.
  const std::string cut = "\xc0\x0c\0\x10\0\1\0\0\0\x3c\0\3\7ab"s;
  cr_expect_eq(read_answer(answer("\0\1\0\1\0\0\0\0"s, cut), DnsType::txt).status,
               DnsStatus::failed);
}

Test(dns, reads_the_names_of_an_address) {
  const std::string record = "\xc0\x0c\0\x0c\0\1\0\0\0\x3c\0\5\2MX\xc0\x11"s;
  const std::string strange = "\xc0\x0c\0\x0c\0\1\0\0\0\x3c\0\5\2m\n\xc0\x11"s;
  const DnsAnswer found = read_answer(answer("\0\1\0\2\0\0\0\0"s, record + strange), DnsType::ptr);
  cr_assert_eq(found.status, DnsStatus::found);
  cr_assert_eq(found.names.size(), 1);
  expect_same(found.names[0], "mx.test");
}

// RFC 2317 4: how a network of less than 256 addresses gets its reverse names from their owner.
Test(dns, an_alias_may_have_a_slash_and_no_control_characters) {
  const std::string alias = "\xc0\x0c\0\5\0\1\0\0\0\x3c\0\6\3"
                            "1/2\xc0\x0c"s;
  const std::string name = "\3"
                           "1/2\xc0\x0c\0\x0c\0\1\0\0\0\x3c\0\5\2mx\xc0\x11"s;
  const DnsAnswer found = read_answer(answer("\0\1\0\2\0\0\0\0"s, alias + name), DnsType::ptr);
  cr_assert_eq(found.status, DnsStatus::found, "%s", found.text.c_str());
  expect_same(found.names[0], "mx.test");
  expect_same(found.canonical, "1/2.mail.test");
  const std::string strange = "\xc0\x0c\0\5\0\1\0\0\0\x3c\0\6\3"
                              "1\n2\xc0\x0c"s;
  cr_expect_eq(read_answer(answer("\0\1\0\1\0\0\0\0"s, strange), DnsType::ptr).status,
               DnsStatus::failed);
}

Test(dns, a_query_for_what_is_no_name_is_an_error) {
  cr_expect(make_query("example.com", DnsType::mx, 7).has_value());
  cr_expect(!make_query("a..b", DnsType::mx, 7).has_value());
  cr_expect(!make_query(std::string(70, 'x') + ".test", DnsType::mx, 7).has_value());
}

// Were each of them a step deeper into the stack, there would not be enough of it.
Test(task, chains_that_never_suspend_need_no_stack) {
  Task<int> task = sum_of(60'000);
  task.start();
  cr_assert(task.done());
  cr_expect_eq(task.take(), 1'799'970'000);
}

Test(task, is_lazy_and_ends_when_dropped) {
  Loop loop;
  Signal signal(loop);
  bool raised = false;
  bool gone = false;
  {
    Task<> task = wait_for(signal, {}, &raised, &gone);
    cr_expect(!signal.waiting(), "nothing has run yet");
    task.start();
    cr_expect(signal.waiting());
  }
  cr_expect(gone && !raised);
  signal.forget();
}

Test(signal, is_raised_or_times_out) {
  Loop loop;
  Signal signal(loop);
  bool raised = false;
  bool gone = false;
  Task<> first = wait_for(signal, loop.in(10'000), &raised, &gone);
  first.start();
  signal.raise();
  cr_expect(first.done() && raised);
  Task<> second = wait_for(signal, loop.in(20), &raised, &gone);
  second.start();
  loop.run();
  cr_expect(second.done() && !raised);
  signal.raise();
  Task<> third = wait_for(signal, {}, &raised, &gone);
  third.start();
  cr_expect(third.done() && raised, "a raise is remembered");
}

Test(socket, carries_bytes) {
  Loop loop;
  Pair pair;
  Socket left(loop, std::move(pair.left));
  Socket right(loop, std::move(pair.right));
  std::string received;
  std::array<char, 8> some{};
  const auto nothing = right.read_now(some);
  cr_expect(nothing && !*nothing);
  Task<> task = copy_across(left, right, "hello", &received, loop.in(60'000));
  task.start();
  loop.run_until([&] { return task.done(); });
  expect_same(received, "hello");
}

Test(socket, waits_while_the_other_side_is_slow) {
  Loop loop;
  Pair pair;
  Socket left(loop, std::move(pair.left));
  Socket right(loop, std::move(pair.right));
  const std::size_t size = 3'000'000;
  std::size_t total = 0;
  Task<> writer = write_much(left, size, loop.in(60'000));
  writer.start();
  cr_expect(!writer.done());
  Task<> reader = read_much(right, size, loop.in(60'000), &total);
  reader.start();
  loop.run_until([&] { return reader.done(); });
  cr_expect(writer.done());
  cr_expect_eq(total, size);
}

// libuv's UV_RUN_ONCE calls such a timer and then waits for the next event.
Test(loop, does_not_wait_behind_a_timer_that_was_due) {
  Loop loop;
  Pair pair; // on which nothing comes
  Socket left(loop, std::move(pair.left));
  int code = 0;
  Task<> task = read_nothing(left, loop.in(0), &code);
  task.start();
  loop.run_until([&] { return task.done(); });
  cr_expect_eq(code, ETIMEDOUT);
}

Test(socket, gives_up_at_the_deadline) {
  Loop loop;
  Pair pair;
  Socket left(loop, std::move(pair.left));
  int code = 0;
  Task<> task = read_nothing(left, loop.in(20), &code);
  task.start();
  loop.run_until([&] { return task.done(); });
  cr_expect_eq(code, ETIMEDOUT);
}
