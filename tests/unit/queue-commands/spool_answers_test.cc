#include "answers.h"

#include <algorithm>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <filesystem>

#include "lib/mail/envelope.h"
#include "lib/mail/message_file.h"
#include "lib/sys/crc32c.h"
#include "queue/commands/ask.h"
#include "queue/commands/local_queue.h"
#include "queue/commands/message_row.h"
#include "queue/spool/spool_dirs.h"
#include "queue/spool/transcript_ring.h"
#include "tests/unit/queue-accept/spool_folder.h"

using namespace std::string_literals;
using namespace waypost;
using namespace waypost::queue;
using test::SpoolFolder;
using testing::attempt;
using testing::has;
using testing::kArrived;

namespace {

const std::string kId = "0123456789abcde0"; // the last digit chooses the folder
const std::string kMessage = "Received: by x\r\nSubject: hello\r\n\r\nbody\r\n";

class StillClock final : public Clock {
public:
  [[nodiscard]] WallUs wall_us() const override { return kArrived + 3'600'000'000; }
  [[nodiscard]] BootMs boot_ms() const override { return 1; }
};

// A message's file with these recipients, marks and history.
std::string file_of(const std::vector<std::string>& recipients, const std::string& marks,
                    const std::string& history) {
  std::string envelope = "Falice@example.org\0"s;
  for (const std::string& one : recipients)
    envelope += "T" + one + "\0"s;
  MessageHead head;
  head.uid = 0;
  head.arrival_us = kArrived;
  head.message_length = kMessage.size();
  head.envelope_length = envelope.size();
  head.recipients = static_cast<std::uint32_t>(recipients.size());
  const std::string body = kMessage + envelope;
  return encode_head(head, crc32c(body)) + body + marks + history;
}

// A spool that a manager once had: cur/ and its folders are made by opening it.
struct Spool {
  SpoolFolder folder;
  RealFs fs;

  Spool() { cr_assert(ask("status").ending.has_value()); }
  void put_cur(const std::string& id, const std::string& next, const std::string& bytes) {
    const auto parsed = MessageId::parse(id);
    cr_assert(parsed.has_value());
    folder.write("/cur/" + parsed->folder() + "/" + id + "." + next, bytes);
  }

  struct Told {
    Result<Ending> ending;
    std::vector<Record> records;
    std::string content;
  };
  Told ask(const std::string& command,
           const std::vector<std::pair<std::string, std::string>>& more = {}) {
    Record request;
    request.add("command", command);
    for (const auto& [key, value] : more)
      request.add(key, value);
    Told told;
    const Home home{"/nonexistent", folder.path(), "/nonexistent", true};
    told.ending = ask_spool(fs, StillClock(), home, {request, 42},
                            [&](const Record& record, std::string_view content) {
                              told.records.push_back(record);
                              told.content += content;
                              return Result<>();
                            });
    return told;
  }
};

std::string whole() {
  return file_of({"bob@example.net", "carol@example.com"}, "-D", frame_history(attempt()));
}

} // namespace

Test(spool_answers, list_reads_names_and_files) {
  Spool spool;
  spool.put_cur(kId, "1700000600", whole());
  spool.folder.write("/new/0123456789abcde1", file_of({"dora@example.net"}, "-", ""));
  const auto told = spool.ask("list");
  cr_assert(told.ending.has_value() && told.ending->status == 0);
  cr_assert(told.records.size() == 2);
  const Record& first = told.records[0];
  cr_expect(first.get("id") == kId && first.get("sender") == "alice@example.org");
  cr_expect(first.get("account") == "root" && first.number("recipients") == 2);
  cr_expect(first.get("state") == "pending" && first.number("attempts") == 1);
  cr_expect(first.number("next") == 1'700'000'600'000'000U);
  cr_expect(first.get("class") == "greylisted");
  cr_expect(told.records[1].number("next") == static_cast<std::uint64_t>(kArrived));
}

// What the next route query will say of it.
Test(spool_answers, list_tells_classes_refusals_and_the_transport_set_by_hand) {
  Spool spool;
  HistoryEntry moved = attempt();
  moved.attempt = 2;
  moved.transport = "otherip";
  moved.transaction.groups[0].outcome.disposition = Disposition::moved;
  moved.transaction.groups[0].outcome.klass = FailureClass::blocked;
  HistoryEntry hand;
  hand.kind = HistoryKind::hand;
  hand.transport = "relay";
  const std::string history = frame_history(attempt()) + frame_history(moved) + frame_history(hand);
  spool.put_cur(kId, "1700000600",
                file_of({"bob@example.net", "carol@example.com"}, "--", history));
  const auto told = spool.ask("list");
  cr_assert(told.records.size() == 1);
  std::vector<MessageRow> rows;
  RowCollector collector([&](const MessageRow& row) { rows.push_back(row); });
  cr_assert(collector.take(told.records[0]).has_value());
  collector.end();
  cr_assert(rows.size() == 1 && rows[0].recipients.size() == 2);
  cr_expect(rows[0].hand == "relay");
  const RecipientRow& first = rows[0].recipients[0];
  cr_expect(first.classes.text() == "blocked,greylisted" && first.attempts == 2);
  cr_expect(first.refused.size() == 1 && first.refused[0] == "otherip");
  const RecipientRow& second = rows[0].recipients[1];
  cr_expect(second.classes.empty() && second.refused.empty());
}

Test(spool_answers, list_obeys_filters) {
  Spool spool;
  spool.put_cur(kId, "1700000600", whole());
  const struct {
    std::pair<std::string, std::string> filter;
    bool found;
  } rows[] = {
      {{"id", kId}, true},
      {{"id", "0123456789abcde1"}, false},
      {{"from", "alice@example.org"}, true},
      {{"from", "<>"}, false},
      {{"to", "carol@example.com"}, true},
      {{"to", "eve@example.com"}, false},
      {{"domain", "EXAMPLE.net"}, true},
      {{"domain", "example.org"}, false},
      {{"account", "root"}, true},
      {{"account", "alice"}, false},
      {{"transport", "direct"}, true},
      {{"transport", "relay"}, false},
      {{"class", "greylisted"}, true},
      {{"class", "blocked"}, false},
      {{"held", "1"}, false},
      {{"older", "3000"}, true},
      {{"older", "4000"}, false},
  };
  for (const auto& row : rows)
    cr_expect(spool.ask("list", {row.filter}).records.size() == (row.found ? 1U : 0U), "%s=%s",
              row.filter.first.c_str(), row.filter.second.c_str());
  cr_expect(spool.ask("list", {{"class", "weather"}}).ending->status == 100);
}

Test(spool_answers, list_tells_of_damage_and_goes_on) {
  Spool spool;
  spool.put_cur(kId, "1700000600", "not a message");
  spool.put_cur("0123456789abcde1", "held", whole());
  const auto told = spool.ask("list");
  cr_assert(told.ending.has_value());
  cr_expect(told.ending->status == 111 && has(told.ending->text, kId));
  cr_expect(told.records.size() == 1);
}

Test(spool_answers, why_tells_message_history_and_plan) {
  Spool spool;
  spool.put_cur(kId, "1700000600", whole());
  const auto told = spool.ask("why", {{"id", kId}});
  cr_assert(told.ending.has_value() && told.records.size() == 4);
  cr_expect(told.records[0].get("type") == "message");
  cr_expect(told.records[1].get("type") == "history" &&
            told.records[1].get("host") == "mx.example.net");
  cr_expect(told.records[2].get("type") == "outlook" && told.records[2].get("stopped") == "1");
  cr_expect(told.records[3].get("type") == "plan" && told.records[3].number("rcpt") == 0);
  cr_expect(told.records[3].number("attempt") == 2);
  cr_expect(told.records[3].number("when") == 1'700'000'600'000'000U);
}

Test(spool_answers, show_gives_the_message_as_it_is_stored) {
  Spool spool;
  spool.put_cur(kId, "1700000600", whole());
  const auto told = spool.ask("show", {{"id", kId}});
  cr_assert(told.ending.has_value() && told.ending->status == 0);
  cr_expect(told.content == kMessage);
}

Test(spool_answers, what_is_not_there_is_permanent) {
  Spool spool;
  for (const char* command : {"why", "show"}) {
    for (const char* id : {"0123456789abcdef", "", "../../../etc/passwd"}) {
      const auto told = spool.ask(command, {{"id", id}});
      cr_assert(told.ending.has_value());
      cr_expect(told.ending->status == 100 && told.records.empty(), "%s %s", command, id);
    }
  }
}

Test(spool_answers, a_damaged_message_is_an_error) {
  Spool spool;
  spool.put_cur(kId, "1700000600", whole().substr(0, 600));
  cr_expect(!spool.ask("why", {{"id", kId}}).ending.has_value());
}

Test(spool_answers, status_counts) {
  Spool spool;
  spool.put_cur(kId, "1700000600", whole());
  spool.put_cur("0123456789abcde1", "held", whole());
  const auto told = spool.ask("status");
  cr_assert(told.records.size() == 1);
  cr_expect(told.records[0].number("queued") == 2 && told.records[0].number("held") == 1);
}

Test(spool_answers, nothing_is_read_while_a_manager_has_the_spool) {
  Spool spool;
  const auto manager = SpoolDirs::open(spool.fs, spool.folder.path());
  cr_assert(manager.has_value());
  cr_expect(!spool.ask("list").ending.has_value());
}

Test(spool_answers, reload_is_for_a_running_manager) {
  Spool spool;
  cr_expect(!spool.ask("reload").ending.has_value());
}

Test(spool_answers, why_tells_dialogues_when_asked_and_only_the_owners) {
  Spool spool;
  spool.put_cur(kId, "1700000600", whole());
  const Fd root(::open(spool.folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  TranscriptRing ring(spool.fs, root.get());
  Transcript dialogue;
  dialogue.id = kId;
  dialogue.recipients.add(0);
  dialogue.text = "1 < 220 mine\n";
  ring.add(dialogue);
  dialogue.uid = 1; // the message is of uid 0
  dialogue.text = "1 < 220 another's\n";
  ring.add(dialogue);
  const auto count = [](const Spool::Told& told) {
    return std::ranges::count_if(told.records,
                                 [](const Record& one) { return one.get("type") == "transcript"; });
  };
  cr_expect_eq(count(spool.ask("why", {{"id", kId}})), 0);
  const auto told = spool.ask("why", {{"id", kId}, {"transcript", "1"}});
  cr_assert_eq(count(told), 1);
  for (const Record& one : told.records)
    cr_expect(!has(one.get("text"), "another's"));
}

Test(ask, falls_back_to_the_spool_when_nobody_listens) {
  Spool spool;
  spool.put_cur(kId, "1700000600", whole());
  const Home home{"/nonexistent", spool.folder.path(), "/nonexistent", true};
  int answers = 0;
  const auto ending = ask_queue(home, Record().add("command", "list"), [&](const Record&, auto) {
    ++answers;
    return Result<>();
  });
  cr_expect(ending.has_value() && answers == 1);
}
