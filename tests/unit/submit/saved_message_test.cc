#include <criterion/criterion.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "submit/saved_message.h"
#include "tests/unit/fault_fs.h"

using namespace waypost;
using namespace waypost::submit;

namespace {

struct Folder {
  Folder() {
    char name[] = "/tmp/waypost-unit-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  // Hidden ones too.
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(path))
      all.push_back(entry.path().filename());
    return all;
  }
  std::string path;
};

SavedHead head_for(const std::vector<std::string>& recipients) {
  SavedHead head;
  head.sender.sender = *Address::parse("a@example.org");
  for (const std::string& recipient : recipients)
    head.recipients.push_back(*Address::parse(recipient));
  return head;
}

} // namespace

Test(saved_message, has_no_name_before_it_is_whole) {
  const Folder folder;
  RealFs fs;
  auto message = SavedMessage::create(fs, folder.path, head_for({"b@example.net"}));
  cr_assert(message.has_value());
  cr_assert(message->unsaved().empty(), "%s", message->unsaved().c_str());
  cr_assert(message->append("Subject: x\r\n\r\n").has_value());
  cr_expect(folder.names().empty(), "who is killed here leaves nothing behind");
  cr_assert(message->finish().has_value());
  cr_assert_eq(folder.names().size(), 1U);
  cr_expect_eq(folder.path + "/" + folder.names()[0], message->path());
  cr_assert(message->remove().has_value());
  cr_expect(folder.names().empty());
}

Test(saved_message, is_replaced_by_the_one_for_those_who_are_left) {
  const Folder folder;
  RealFs fs;
  {
    auto message =
        SavedMessage::create(fs, folder.path, head_for({"b@example.net", "c@example.net"}));
    cr_assert(message && message->append("Subject: x\r\n\r\n") && message->finish());
    cr_assert(message->keep_for(head_for({"c@example.net"})).has_value());
  }
  cr_assert_eq(folder.names().size(), 1U);
  const auto left = SavedMessage::open(fs, folder.path + "/" + folder.names()[0]);
  cr_assert(left.has_value());
  cr_assert_eq(left->head().recipients.size(), 1U);
  cr_expect_eq(left->head().recipients[0].text(), "c@example.net");
  std::string text(left->length(), '\0');
  cr_assert(fs.read_at(left->descriptor(), text, left->offset()).has_value());
  cr_expect_eq(text, "Subject: x\r\n\r\n");
}

Test(saved_message, is_safe_from_a_power_cut_once_it_has_its_name) {
  for (const bool fall_back : {false, true}) {
    for (const bool kept : {false, true}) {
      const Folder folder;
      waypost::test::FaultFs fs;
      if (fall_back) fs.fail("open_unnamed", 1, EOPNOTSUPP);
      std::string path;
      {
        auto message =
            SavedMessage::create(fs, folder.path, head_for({"b@example.net", "c@example.net"}));
        cr_assert(message && message->append("Subject: x\r\n\r\n"));
        cr_expect_eq(folder.names().size(), fall_back ? 1U : 0U);
        cr_assert(message->finish().has_value());
        if (kept) cr_assert(message->keep_for(head_for({"c@example.net"})).has_value());
        path = message->path();
      }
      fs.crash(waypost::test::Crash::forget);
      RealFs real;
      const auto left = SavedMessage::open(real, path);
      cr_assert(left.has_value(), "%d %d", fall_back, kept);
      cr_expect_eq(left->head().recipients.size(), kept ? 1U : 2U);
      cr_expect_eq(left->length(), 14U);
    }
  }
}
