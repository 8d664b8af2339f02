#include "queue/bounce/filter.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/sys/fd.h"
#include "lib/sys/netstring.h"
#include "requests.h"

using namespace std::string_literals;
using namespace waypost;
using namespace waypost::queue;
using testing::has;

namespace {

constexpr int kNoLifeline = -1;

Fd file_of(const std::string& bytes) {
  Fd fd(::memfd_create("test", MFD_CLOEXEC));
  cr_assert(::write(fd.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

std::string content(const Fd& fd) {
  std::string all(static_cast<std::size_t>(::lseek(fd.get(), 0, SEEK_END)), '\0');
  cr_assert(::pread(fd.get(), all.data(), all.size(), 0) == static_cast<ssize_t>(all.size()));
  return all;
}

std::string framed(const NoticeRequest& one) {
  std::string out;
  append_netstring(out, to_record(one).encode());
  append_netstring(out, one.original);
  return out;
}

struct Run {
  bool good;
  std::string out;
};

Run run(const std::string& in, int lifeline = kNoLifeline) {
  const Fd input = file_of(in);
  const Fd output = file_of("");
  const bool good = run_bounce_filter(input.get(), output.get(), lifeline).has_value();
  return {good, content(output)};
}

// The next netstring of the answers; fails the test when there is none.
std::string next(std::string_view& rest) {
  const auto payload = take_netstring(rest, kMaxNoticeFrame);
  cr_assert(payload.has_value() && payload->has_value());
  return std::string(**payload);
}

} // namespace

Test(filter, answers_each_request_in_order) {
  NoticeRequest second = testing::request(NoticeKind::delay);
  second.id = "vvvvvvvvvvvvvvvv";
  const Run done = run(framed(testing::request()) + framed(second));
  cr_assert(done.good);
  std::string_view rest = done.out;
  for (const char* id : {"0123456789abcdef", "vvvvvvvvvvvvvvvv"}) {
    const auto record = Record::decode(next(rest));
    cr_assert(record.has_value());
    cr_expect(record->get("type") == "notice" && record->get("id") == id);
    const std::string notice = next(rest);
    cr_expect(record->number("bytes") == notice.size());
    cr_expect(has(notice, "name " + std::string(id)) && notice.starts_with("Date: "));
  }
  cr_expect(rest.empty());
}

Test(filter, answers_nonsense_with_an_error_and_goes_on) {
  std::string in;
  append_netstring(in, "type=notice\0id=0123456789abcdef\0bytes=3\0"s);
  append_netstring(in, "abc");
  NoticeRequest lying = testing::request();
  append_netstring(in, to_record(lying).encode());
  append_netstring(in, "shorter");
  const Run done = run(in + framed(testing::request()));
  cr_assert(done.good);
  std::string_view rest = done.out;
  for (int i = 0; i < 2; ++i) {
    const auto record = Record::decode(next(rest));
    cr_assert(record.has_value());
    cr_expect(record->get("id") == "0123456789abcdef" && record->has("error"));
  }
  cr_expect(Record::decode(next(rest))->has("bytes"));
}

Test(filter, ends_well_at_the_end_and_badly_in_the_middle) {
  const std::string whole = framed(testing::request());
  cr_expect(run("").good);
  cr_expect(run(whole).good);
  for (const std::size_t length : {std::size_t{1}, std::size_t{10}, whole.size() - 1})
    cr_expect(!run(whole.substr(0, length)).good, "%zu bytes", length);
  cr_expect(!run("this is no request").good);
  cr_expect(!run("5:hello,").good);
  cr_expect(!run("99999999999:").good);
}

Test(filter, ends_when_the_lifeline_ends) {
  int ends[2];
  cr_assert(::pipe(ends) == 0);
  const Fd lifeline(ends[0]);
  ::close(ends[1]);
  int requests[2]; // never written to, never closed: only the lifeline can end the filter
  cr_assert(::pipe(requests) == 0);
  cr_expect(run_bounce_filter(requests[0], 1, lifeline.get()).has_value());
}
