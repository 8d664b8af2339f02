#include "route/filter.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys/netstring.h"
#include "tests/unit/no_descriptors.h"
#include "tests/unit/route/sample_routes.h"

namespace waypost::route {
namespace {

struct Folder {
  Folder() { cr_assert(::mkdtemp(path) != nullptr); }
  ~Folder() {
    ::unlink(snapshot().c_str());
    ::rmdir(path);
  }
  [[nodiscard]] std::string snapshot() const { return std::string(path) + "/snapshot"; }
  void write(const std::string& bytes) const {
    FILE* file = std::fopen(snapshot().c_str(), "w");
    cr_assert(file != nullptr);
    std::fwrite(bytes.data(), 1, bytes.size(), file);
    std::fclose(file);
  }
  void compile(const std::string& rules, std::uint64_t generation) const {
    auto compiled = configure(rules + kTransports, "waypost.toml");
    cr_assert(compiled.has_value());
    compiled->settings.generation = generation;
    write(encode_snapshot(*compiled));
  }
  char path[32] = "/tmp/filter_test.XXXXXX";
};

std::string framed(const Record& record) {
  std::string out;
  append_netstring(out, record.encode());
  return out;
}

std::string framed(std::uint64_t number) {
  RouteQuery one = query("a.example", "b.example");
  one.query = number;
  return framed(to_record(one));
}

std::string reload() {
  Record record;
  return framed(record.add("type", "reload"));
}

std::vector<RouteAnswer> answers(std::string_view bytes) {
  std::vector<RouteAnswer> all;
  while (!bytes.empty()) {
    const auto frame = take_netstring(bytes, kMaxRouteFrame);
    cr_assert(frame.has_value() && frame->has_value());
    const auto record = Record::decode(**frame);
    cr_assert(record.has_value());
    const auto one = route_answer(*record);
    cr_assert(one.has_value());
    all.push_back(*one);
  }
  return all;
}

} // namespace

Test(filter, answers_come_in_the_order_of_the_queries_however_these_are_cut) {
  const Folder folder;
  folder.compile("[[route]]\ntransport = \"relay\"\n", 3);
  const std::string queries = framed(1) + framed(2) + framed(3);
  for (std::size_t cut = 0; cut <= queries.size(); ++cut) {
    QueryFilter filter(folder.snapshot());
    std::string out;
    cr_assert(filter.feed(std::string_view(queries).substr(0, cut), out).has_value());
    cr_assert(filter.feed(std::string_view(queries).substr(cut), out).has_value());
    const auto all = answers(out);
    cr_assert(all.size() == 3, "cut at %zu", cut);
    for (std::size_t i = 0; i < 3; ++i)
      cr_expect(all[i].query == i + 1 && all[i].transport == "relay" && all[i].generation == 3);
  }
}

Test(filter, without_a_snapshot_every_answer_is_to_wait) {
  const Folder folder;
  QueryFilter filter(folder.snapshot());
  std::string out;
  cr_assert(filter.feed(framed(1), out).has_value());
  const auto all = answers(out);
  cr_assert(all.size() == 1);
  cr_expect(!all[0].wait.empty() && all[0].generation == 0 && all[0].transport.empty());
}

Test(filter, a_snapshot_that_cannot_be_opened_this_time_is_not_an_absent_one) {
  const Folder folder;
  folder.compile("[[route]]\ntransport = \"relay\"\n", 3);
  QueryFilter filter(folder.snapshot());
  cr_expect(filter.read().has_value());
  std::string out;
  const test::NoDescriptors short_of;
  cr_expect_eq(filter.feed(reload(), out).error().code, EMFILE);
  const QueryFilter second(folder.snapshot());
  cr_expect_eq(second.read().error().code, EMFILE);
}

Test(filter, a_reload_holds_for_the_queries_behind_it) {
  const Folder folder;
  folder.compile("[[route]]\ntransport = \"relay\"\n", 3);
  QueryFilter filter(folder.snapshot());
  folder.compile("[[route]]\ntransport = \"ses\"\n", 4);
  std::string out;
  cr_assert(filter.feed(framed(1) + reload() + framed(2), out).has_value());
  const auto all = answers(out);
  cr_assert(all.size() == 2);
  cr_expect(all[0].transport == "relay" && all[0].generation == 3);
  cr_expect(all[1].transport == "ses" && all[1].generation == 4);
}

Test(filter, a_reload_that_fails_leaves_the_old_routes) {
  const Folder folder;
  folder.compile("[[route]]\ntransport = \"relay\"\n", 3);
  QueryFilter filter(folder.snapshot());
  folder.write("damaged");
  std::string out;
  cr_assert(filter.feed(reload() + framed(1), out).has_value());
  const auto all = answers(out);
  cr_assert(all.size() == 1);
  cr_expect(all[0].transport == "relay" && all[0].generation == 3);
}

Test(filter, what_is_no_query_ends_it_after_the_answers_before) {
  const Folder folder;
  folder.compile("", 3);
  Record bad;
  bad.add("query", "2").add("attempt", "0");
  for (const std::string& rubbish : {std::string("x"), std::string("5:abcdef"), framed(bad),
                                     std::string("99999999:"), std::string("3:a=b,")}) {
    QueryFilter filter(folder.snapshot());
    std::string out;
    cr_expect(!filter.feed(framed(1) + rubbish, out).has_value(), "%s", rubbish.c_str());
    cr_expect(answers(out).size() == 1, "%s", rubbish.c_str());
  }
}

Test(filter, it_ends_with_its_input_and_answers_one_read_by_one_write) {
  const Folder folder;
  folder.compile("", 3);
  int queries[2];
  int replies[2];
  cr_assert(::pipe(queries) == 0 && ::pipe2(replies, O_DIRECT) == 0);
  const std::string two = framed(1) + framed(2);
  cr_assert(::write(queries[1], two.data(), two.size()) == static_cast<ssize_t>(two.size()));
  ::close(queries[1]);
  cr_expect(run_filter(queries[0], replies[1], folder.snapshot()) == 0);
  // A packet pipe gives back what one write brought.
  char bytes[4096];
  const ssize_t n = ::read(replies[0], bytes, sizeof bytes);
  cr_assert(n > 0);
  cr_expect(answers(std::string_view(bytes, static_cast<std::size_t>(n))).size() == 2);
}

Test(filter, rubbish_makes_it_leave_with_111) {
  const Folder folder;
  int queries[2];
  cr_assert(::pipe(queries) == 0);
  cr_assert(::write(queries[1], "rubbish", 7) == 7);
  ::close(queries[1]);
  cr_expect(run_filter(queries[0], 1, folder.snapshot()) == 111);
}

} // namespace waypost::route
