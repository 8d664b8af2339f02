#include "queue/commands/spool_answers.h"

#include <algorithm>
#include <iterator>
#include <pwd.h>

#include "lib/mail/control.h"
#include "queue/manager/outlook.h"
#include "queue/manager/transport_record.h"
#include "queue/spool/history_log.h"
#include "queue/spool/transcript_ring.h"

namespace waypost::queue {
namespace {

// When it will be tried, if a manager were running; 0: not at all.
WallUs due(const MessageView& view, const QueueEntry& entry) {
  if (entry.in_new) return view.head().arrival_us;
  return entry.next() ? *entry.next() * 1'000'000 : 0;
}

std::string account_of(std::uint32_t uid) {
  const passwd* entry = ::getpwuid(uid); // one thread: its static buffer is ours
  return entry != nullptr ? entry->pw_name : "uid:" + std::to_string(uid);
}

} // namespace

Result<std::vector<SpoolAnswers::Standing>> SpoolAnswers::standing() {
  std::vector<Standing> all;
  const Result<> fresh = fs_.list(dirs_.fresh(), [&](const char* name) {
    if (auto id = MessageId::parse(name)) {
      all.push_back({std::move(*id), {}});
      all.back().entry.in_new = true;
    }
    return true;
  });
  if (!fresh) return std::unexpected(fresh.error());
  for (int folder = 0; folder < MessageId::kFolders; ++folder) {
    const Result<> known = fs_.list(dirs_.cur(folder), [&](const char* name) {
      if (auto cur = parse_cur_name(name)) {
        all.push_back({std::move(cur->id), {}});
        all.back().entry.name_next = cur->next.value_or(QueueEntry::kHeld);
      }
      return true;
    });
    if (!known) return std::unexpected(known.error());
  }
  std::ranges::sort(all, {}, &Standing::id);
  return all;
}

const std::string& SpoolAnswers::account(const MessageHead& head) {
  if (!head.login.empty()) return head.login;
  const auto [known, added] = accounts_.try_emplace(head.uid);
  if (added) known->second = account_of(head.uid);
  return known->second;
}

Result<bool> SpoolAnswers::any_matches(MessageView& view, const ControlFilter& filter) {
  if (!filter.asks_of_recipients()) return true;
  bool found = false;
  while (!found && !view.at_end()) {
    const auto some = view.next(kRecipientsPerAnswer);
    if (!some) return std::unexpected(some.error());
    found =
        std::ranges::any_of(*some, [&](const RecipientView& one) { return filter.matches(one); });
  }
  view.rewind();
  return found;
}

Result<> SpoolAnswers::tell(MessageView& view, const QueueEntry& entry,
                            std::vector<RecipientView>* pending) {
  while (!view.at_end()) {
    const auto some = view.next(kRecipientsPerAnswer);
    if (!some) return std::unexpected(some.error());
    const Result<> said = say(view.record(*some, account(view.head()), due(view, entry)));
    if (!said) return said;
    if (pending == nullptr) continue;
    std::ranges::copy_if(*some, std::back_inserter(*pending),
                         [](const RecipientView& one) { return one.mark == Mark::pending; });
  }
  return {};
}

Result<SpoolAnswers::View> SpoolAnswers::matching(const Standing& one,
                                                  const ControlFilter& filter) {
  Result<View> view = MessageView::open(fs_, dirs_, one.id, one.entry);
  if (!view) return std::unexpected(view.error());
  if (!filter.matches_message(**view, account((*view)->head()), clock_.wall_us())) return View();
  const Result<bool> wanted = any_matches(**view, filter);
  if (!wanted) return std::unexpected(wanted.error());
  return *wanted ? std::move(*view) : View();
}

Result<> SpoolAnswers::tell_found(const View& view, const QueueEntry& entry) {
  return view ? tell(*view, entry, nullptr) : Result<>();
}

Result<Ending> SpoolAnswers::list(const Record& request) {
  const Result<ControlFilter> filter = ControlFilter::parse(request);
  if (!filter) return Ending{100, filter.error().text};
  const auto all = standing();
  if (!all) return std::unexpected(all.error());
  const std::vector<std::string>& ids = filter->ids();
  std::string damaged;
  for (const Standing& one : *all) {
    if (!ids.empty() && std::ranges::find(ids, one.id.text()) == ids.end()) continue;
    const Result<View> view = matching(one, *filter);
    const Result<> said = view ? tell_found(*view, one.entry) : std::unexpected(view.error());
    if (!said) damaged += (damaged.empty() ? "" : "\n") + one.id.text() + ": " + said.error().text;
  }
  return Ending{damaged.empty() ? 0 : 111, damaged};
}

Result<SpoolAnswers::View> SpoolAnswers::find(const Record& request, QueueEntry& entry) {
  const auto all = standing();
  if (!all) return std::unexpected(all.error());
  const auto at = std::ranges::find_if(
      *all, [&](const Standing& one) { return one.id.text() == request.get("id"); });
  if (at == all->end()) return View();
  entry = at->entry;
  Result<View> view = MessageView::open(fs_, dirs_, at->id, entry);
  if (!view) return fail(at->id.text() + " cannot be read: " + view.error().text);
  return view;
}

Result<> SpoolAnswers::tell_history(const MessageView& view) {
  Result<> told;
  const auto read = read_history(view.file(), view.head().history_offset(),
                                 view.file().history_end(), [&](const HistoryEntry& entry) {
                                   const Record fields = to_record(entry);
                                   Record record;
                                   record.add("type", "history");
                                   for (std::size_t i = 0; i < fields.size(); ++i)
                                     record.add(fields.field(i).key, fields.field(i).value);
                                   told = say(record);
                                   return told.has_value();
                                 });
  if (!read) return std::unexpected(read.error());
  return told;
}

Result<> SpoolAnswers::tell_dialogues(const MessageView& view) {
  const auto found = read_transcripts(fs_, dirs_.root(), view.id().text(), view.head().uid);
  if (!found) return std::unexpected(found.error());
  for (const Transcript& one : *found) {
    const Result<> said = say(transcript_record(one));
    if (!said) return said;
  }
  return {};
}

// By which route only a running route program could tell.
Result<> SpoolAnswers::tell_plan(const MessageView& view, const std::vector<RecipientView>& pending,
                                 WallUs when) {
  for (const RecipientView& one : pending) {
    Record record;
    record.add("type", "plan").add_number("rcpt", one.number);
    if (when > 0) record.add_number("when", static_cast<std::uint64_t>(when));
    record.add_number("attempt", one.progress.attempts + 1);
    if (view.facts().held) record.add("wait", "held");
    if (!view.facts().hand.empty())
      record.add("transport", view.facts().hand).add("rule", "by hand");
    const Result<> said = say(record);
    if (!said) return said;
  }
  return {};
}

Result<Ending> SpoolAnswers::why(const Record& request, const Snapshot& snapshot) {
  QueueEntry entry;
  const Result<View> view = find(request, entry);
  if (!view) return std::unexpected(view.error());
  if (!*view) return unknown(request);
  std::vector<RecipientView> pending;
  const Result<> message = tell(**view, entry, &pending);
  if (!message) return std::unexpected(message.error());
  const Result<> history = tell_history(**view);
  if (!history) return std::unexpected(history.error());
  const Result<> dialogues = request.get("transcript") == "1" ? tell_dialogues(**view) : Result<>();
  if (!dialogues) return std::unexpected(dialogues.error());
  Record outlook = outlook_record(**view, snapshot);
  const Result<> told = say(outlook.add("stopped", "1"));
  if (!told) return std::unexpected(told.error());
  const Result<> plan = tell_plan(**view, pending, due(**view, entry));
  if (!plan) return std::unexpected(plan.error());
  return Ending{};
}

Result<Ending> SpoolAnswers::show(const Record& request) {
  QueueEntry entry;
  const Result<View> view = find(request, entry);
  if (!view) return std::unexpected(view.error());
  if (!*view) return unknown(request);
  const MessageHead& head = (*view)->head();
  std::string block(kContentChunk, '\0');
  for (std::uint64_t sent = 0; sent < head.message_length;) {
    const auto want = std::min<std::uint64_t>(block.size(), head.message_length - sent);
    const auto have = (*view)->file().read({block.data(), want}, head.message_offset() + sent);
    if (!have) return std::unexpected(have.error());
    if (*have == 0) return fail("the file became shorter while it was read");
    sent += *have;
    Record record;
    record.add("type", "content").add_number("bytes", *have);
    const Result<> said = say(record, std::string_view(block).substr(0, *have));
    if (!said) return std::unexpected(said.error());
  }
  return Ending{};
}

Result<Ending> SpoolAnswers::status(const Snapshot& snapshot) {
  const auto all = standing();
  if (!all) return std::unexpected(all.error());
  const auto held = std::ranges::count_if(
      *all, [](const Standing& one) { return one.entry.name_next == QueueEntry::kHeld; });
  Record record;
  record.add("type", "status").add_number("queued", all->size());
  record.add_number("held", static_cast<std::uint64_t>(held));
  for (const Transport& one : snapshot.transports)
    record.add("transport", one.name);
  const Result<> taken = on_answer_(record, {});
  if (!taken) return std::unexpected(taken.error());
  return Ending{};
}

// Whether one is held only waypost-deliver knows.
Result<Ending> SpoolAnswers::transports(const Snapshot& snapshot) {
  for (const Transport& one : snapshot.transports) {
    const Result<> said = say(transport_record(one));
    if (!said) return std::unexpected(said.error());
  }
  return Ending{};
}

} // namespace waypost::queue
