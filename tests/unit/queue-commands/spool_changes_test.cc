// Changes on the spool's files, with no manager running.
#include <criterion/criterion.h>
#include <fcntl.h>
#include <filesystem>

#include "lib/sys/crc32c.h"
#include "queue/commands/local_queue.h"
#include "queue/spool/history_log.h"
#include "queue/spool/message_file.h"
#include "queue/spool/spool_dirs.h"
#include "tests/unit/queue-accept/spool_folder.h"

using namespace std::string_literals;
using namespace waypost;
using namespace waypost::queue;
using test::SpoolFolder;

namespace {

const std::string kId = "0123456789abcde0"; // the last digit chooses the folder
const std::string kSecond = "0123456789abcdf0";

std::string file_of(const std::string& marks) {
  const std::string message = "Subject: hello\r\n\r\nbody\r\n";
  std::string envelope = "Falice@example.org\0"s;
  for (std::size_t i = 0; i < marks.size(); ++i)
    envelope += "Tuser" + std::to_string(i) + "@example.net\0"s;
  MessageHead head;
  head.message_length = message.size();
  head.envelope_length = envelope.size();
  head.recipients = static_cast<std::uint32_t>(marks.size());
  const std::string body = message + envelope;
  return encode_head(head, crc32c(body)) + body + marks;
}

struct Spool {
  SpoolFolder folder;
  RealFs fs;
  RealClock clock;

  Spool() { cr_assert(ask("status").has_value()); }
  void put(const std::string& name, const std::string& bytes) {
    folder.write("/cur/" + MessageId::parse(name.substr(0, 16))->folder() + "/" + name, bytes);
  }
  std::vector<Record> told;
  Result<Ending> ask(const std::string& command,
                     const std::vector<std::pair<std::string, std::string>>& more = {}) {
    Record request;
    request.add("command", command);
    for (const auto& [key, value] : more)
      request.add(key, value);
    told.clear();
    const Home home{"/nonexistent", folder.path(), "/nonexistent", true};
    return ask_spool(fs, clock, home, {request, 42},
                     [&](const Record& answer, std::string_view) -> Result<> {
                       if (answer.get("type") != "progress") told.push_back(answer);
                       return {};
                     });
  }
  // "changed", "already", ... or the error's text.
  std::string effect(const std::string& command, const std::string& id) {
    const auto ending = ask(command, {{"id", id}});
    cr_assert(ending.has_value() && told.size() == 1, "%s", command.c_str());
    return std::string(told[0].get(told[0].has("effect") ? "effect" : "text"));
  }
  std::string name() const {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder.path() + "/cur")) {
      if (!entry.is_directory()) return entry.path().filename();
    }
    return {};
  }
  std::vector<HistoryEntry> history() const {
    std::vector<HistoryEntry> all;
    RealFs real;
    const std::string path = folder.path() + "/cur/" + MessageId::parse(kId)->folder();
    const auto dir = real.open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
    auto file = MessageFile::open(real, dir->get(), name());
    cr_assert(file.has_value());
    cr_assert(read_history(*file, file->head().history_offset(), file->size(),
                           [&](const HistoryEntry& entry) {
                             all.push_back(entry);
                             return true;
                           })
                  .has_value());
    return all;
  }
};

} // namespace

Test(spool_changes, hold_and_release_write_who_and_set_the_name) {
  Spool spool;
  spool.put(kId + ".4000000000", file_of("-"));
  cr_expect(spool.effect("hold", kId) == "changed");
  cr_expect(spool.name() == kId + ".held");
  cr_expect(spool.history().size() == 1 && spool.history()[0].by == "uid 42");
  cr_expect(spool.effect("hold", kId) == "already" && spool.history().size() == 1);
  cr_expect(spool.effect("kick", kId) == "held");
  cr_expect(spool.effect("release", kId) == "changed");
  const auto next = parse_cur_name(spool.name());
  cr_assert(next && next->next);
  cr_expect(*next->next <= spool.clock.wall_us() / 1'000'000, "due at the next start");
}

Test(spool_changes, bounce_names_who_waits_and_marks_nobody) {
  Spool spool;
  spool.put(kId + ".4000000000", file_of("-D-"));
  cr_expect(spool.effect("bounce", kId) == "changed");
  const auto history = spool.history();
  cr_assert(history.size() == 1 && history[0].kind == HistoryKind::bounce);
  cr_expect(history[0].transaction.groups[0].recipients.text() == "0,2");
  cr_expect(spool.ask("list").has_value() && spool.told[0].number("recipients") == 3);
}

Test(spool_changes, what_is_settled_is_left_alone) {
  Spool spool;
  spool.put(kId + ".4000000000", file_of("DR"));
  for (const char* verb : {"hold", "bounce", "requeue"})
    cr_expect(spool.effect(verb, kId) == "settled", "%s", verb);
  cr_expect(spool.effect("drop", kId) == "changed" && spool.name().empty());
}

Test(spool_changes, filters_choose_and_none_is_an_error) {
  Spool spool;
  spool.put(kId + ".4000000000", file_of("-"));
  spool.put(kSecond + ".held", file_of("--"));
  cr_expect(spool.ask("drop")->status == 100);
  cr_expect(spool.ask("drop", {{"all", "1"}, {"to", "x@y"}})->status == 100);
  cr_expect(spool.ask("drop", {{"to", "user1@example.net"}, {"dry", "1"}})->status == 0);
  cr_assert(spool.told.size() == 1 && spool.told[0].get("type") == "message");
  cr_expect(spool.ask("drop", {{"to", "user1@example.net"}})->status == 0);
  cr_assert(spool.told.size() == 1 && spool.told[0].get("id") == kSecond);
  cr_expect(spool.ask("drop", {{"id", kSecond}})->status == 100, "it is gone");
  cr_expect(spool.ask("drop", {{"all", "1"}})->status == 0 && spool.name().empty());
}

Test(spool_changes, damage_is_told_and_the_others_are_changed) {
  Spool spool;
  spool.put(kId + ".4000000000", "no message");
  spool.put(kSecond + ".4000000000", file_of("-"));
  const auto ending = spool.ask("hold", {{"all", "1"}});
  cr_assert(ending.has_value() && spool.told.size() == 2);
  cr_expect(ending->status == 111 && spool.told[0].has("text"));
  cr_expect(spool.told[1].get("effect") == "changed");
}

Test(spool_changes, what_no_manager_has_seen_is_taken_in_when_it_is_sound) {
  Spool spool;
  spool.folder.write("/new/" + kId, file_of("-"));
  cr_expect(spool.effect("hold", kId) == "changed" && spool.name() == kId + ".held");
  std::string torn = file_of("-");
  torn[530] ^= 1;
  spool.folder.write("/new/" + kSecond, torn);
  cr_expect(spool.effect("hold", kSecond) == "the checksum does not match");
  spool.folder.write("/new/" + kId + ".b1", file_of("-"));
  cr_expect(spool.effect("drop", kId + ".b1") != "changed",
            "its message may not have noted it yet");
}

Test(spool_changes, a_transport_that_nobody_configured_is_refused) {
  Spool spool;
  spool.put(kId + ".4000000000", file_of("-"));
  cr_expect(spool.ask("kick", {{"id", kId}, {"hand", "relay"}})->status == 100);
  cr_expect(spool.ask("kick", {{"id", kId}, {"hand", ""}})->status == 0);
}
