#include "sasl/credential_command.h"

#include <unistd.h>

#include "lib/sys/fd.h"
#include "tests/unit/sasl/scratch_store.h"

using namespace waypost;
using namespace waypost::sasl;
using namespace waypost::test;

namespace {

constexpr WallUs kNow = 1'763'800'000'000'000;

// Runs `waypost credential WORDS` with that on standard input.
CommandEnd run(Store& store, std::vector<std::string> words, const std::string& input = "") {
  int ends[2] = {-1, -1};
  cr_assert(::pipe(ends) == 0);
  const Fd in(ends[0]);
  cr_assert(::write(ends[1], input.data(), input.size()) == static_cast<ssize_t>(input.size()));
  ::close(ends[1]);
  std::vector<char*> pointers;
  for (std::string& word : words)
    pointers.push_back(word.data());
  return run_credential_command(store, pointers, in.get(), kNow);
}

} // namespace

Test(credential_command, adds_the_line_on_standard_input_and_makes_the_store) {
  const ScratchFolder folder;
  RealFs fs;
  Store store(fs, folder.credentials());
  const CommandEnd end = run(store, {"add", "ses"}, "pencil\n");
  cr_expect_eq(end.status, 0, "%s", end.message.c_str());
  cr_expect(end.message.find("pencil") == std::string::npos);
  cr_expect(secret_in(store, "ses") == "pencil", "without the line's end");
  cr_expect_eq(run(store, {"add", "ses"}, " with spaces ").status, 0);
  cr_expect(secret_in(store, "ses") == " with spaces ", "and nothing else is left out");
}

Test(credential_command, refuses_what_is_no_secret_and_keeps_the_old_one) {
  const ScratchFolder folder;
  RealFs fs;
  Store store(fs, folder.credentials());
  cr_assert_eq(run(store, {"add", "ses"}, "pencil\n").status, 0);
  const std::string long_one(kMaxSecret + 1, 'x');
  for (const std::string& bad : {std::string(), std::string("\n"), std::string("two\nlines\n"),
                                 std::string("dos\r\n"), long_one}) {
    cr_expect_eq(run(store, {"add", "ses"}, bad).status, 100);
    cr_expect(secret_in(store, "ses") == "pencil");
  }
  cr_expect_eq(run(store, {"add", "../ses"}, "x").status, 100);
}

Test(credential_command, lists_names_and_kinds_and_no_secret) {
  const ScratchFolder folder;
  RealFs fs;
  Store store(fs, folder.credentials());
  cr_assert_eq(run(store, {"add", "ses"}, "pencil").status, 0);
  cr_assert_eq(run(store, {"add", "google", "--token"}, "ya29.x").status, 0);
  cr_expect(run(store, {"list"}).output == "google\ttoken\nses\tpassword\n");
  const std::string json = run(store, {"list", "--json"}).output;
  cr_expect(json.starts_with("{\"name\":\"google\",\"kind\":\"token\",\"added\":\"2025-11-22T"),
            "%s", json.c_str());
}

Test(credential_command, rotates_and_removes) {
  const ScratchFolder folder;
  RealFs fs;
  Store store(fs, folder.credentials());
  cr_assert_eq(run(store, {"add", "ses"}, "pencil").status, 0);
  cr_expect_eq(run(store, {"rotate"}).status, 0);
  cr_expect(secret_in(store, "ses") == "pencil");
  cr_expect_eq(run(store, {"remove", "ses"}).status, 0);
  cr_expect_eq(run(store, {"remove", "ses"}).status, 100);
  cr_expect(run(store, {"list"}).output.empty());
}

// A secret given as an argument would be seen by every user: there is no such form.
Test(credential_command, takes_no_secret_as_an_argument) {
  const ScratchFolder folder;
  RealFs fs;
  Store store(fs, folder.credentials());
  for (const std::vector<std::string>& words : {std::vector<std::string>{},
                                                {"add"},
                                                {"add", "ses", "pencil"},
                                                {"add", "ses", "--password=x"},
                                                {"list", "ses"},
                                                {"rotate", "ses"},
                                                {"show", "ses"}}) {
    const CommandEnd end = run(store, words);
    cr_expect_eq(end.status, 100);
    cr_expect(end.message.starts_with("usage: "));
  }
}
