// The manager and the names in the spool: loading, adopting, notices that wait for their origin;
// and the dialogues that it keeps.
#include "queue/manager/manager.h"

#include <algorithm>
#include <fcntl.h>
#include <utility>

#include "lib/sys/log.h"
#include "lib/sys/text.h"
#include "queue/accept/message_writer.h"

namespace waypost::queue {
namespace {

constexpr std::int64_t kOldSeconds = 36 * 3600;
constexpr BootMs kTroubleWait = 10'000; // before a disk is tried again

std::string folder_name(int folder) {
  return {static_cast<char>('0' + folder / 10), static_cast<char>('0' + folder % 10)};
}

} // namespace

Result<> Manager::load() {
  loading_ = true;
  for (int folder = 0; folder < MessageId::kFolders; ++folder) {
    // Names first: set_aside() must not change a folder while it is read.
    std::vector<std::string> wrong;
    const Result<> listed = fs_.list(dirs_.cur(folder), [&](const char* name) {
      const auto parsed = parse_cur_name(name);
      if (!parsed || parsed->id.folder() != folder_name(folder)) {
        wrong.emplace_back(name);
        return true;
      }
      QueueEntry entry;
      entry.unverified = true;
      entry.name_next = parsed->next.value_or(QueueEntry::kHeld);
      // A held one is opened once: the history decides. A time far off was another clock's.
      const WallUs longest = wait_ms(settings(), UINT32_MAX) * 1000;
      const WallUs next = parsed->next ? *parsed->next * 1'000'000 : 0;
      entry.full_due = time_.boot_of(std::min(next, time_.now() + longest));
      if (schedule_.add(parsed->id, entry) == nullptr) {
        wrong.emplace_back(name);
      } else {
        schedule_.set_due(parsed->id, entry.full_due);
      }
      return true;
    });
    if (!listed) return listed;
    for (const std::string& name : wrong)
      set_aside(dirs_.cur(folder), name, "the name is not ID.NEXT, or the ID is there twice");
  }
  const Result<> scanned = scan_new();
  clear_tmp();
  loading_ = false;
  Log("loaded").add("messages", schedule_.size()).info();
  run();
  return scanned;
}

Result<> Manager::scan_new() {
  std::vector<std::string> names;
  const Result<> listed = fs_.list(dirs_.fresh(), [&](const char* name) {
    names.emplace_back(name);
    return true;
  });
  if (!listed) return listed;
  std::ranges::sort(names); // as they came
  for (const std::string& name : names)
    on_name(name);
  return {};
}

// What waypost-queue could not finish, where the file system knows no files without a name. Old
// enough that nobody is writing it any more.
void Manager::clear_tmp() {
  const Result<Fd> tmp = fs_.open_at(dirs_.root(), "tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
  if (!tmp) return;
  std::vector<std::string> names;
  static_cast<void>(fs_.list(tmp->get(), [&](const char* name) {
    names.emplace_back(name);
    return true;
  }));
  for (const std::string& name : names) {
    const Result<Fd> file = fs_.open_at(tmp->get(), name, O_PATH | O_NOFOLLOW, 0);
    const Result<struct stat> st = file ? fs_.status(file->get()) : fail("gone");
    if (!st || !S_ISREG(st->st_mode)) continue;
    if (st->st_mtim.tv_sec + kOldSeconds > time_.now() / 1'000'000) continue;
    static_cast<void>(fs_.unlink_at(tmp->get(), name));
    Log("cleared").add("tmp", name).info();
  }
}

void Manager::set_aside(int dir, const std::string& name, const std::string& reason) {
  const Result<> moved = dirs_.set_aside(fs_, dir, name, reason);
  if (moved) figures_.damaged();
  Log line("set_aside");
  line.add("name", name).add("reason", reason);
  if (!moved) line.add("failed", moved.error().text);
  line.error();
}

void Manager::on_name(const std::string& name) {
  const std::optional<MessageId> id = MessageId::parse(name);
  if (!id) return set_aside(dirs_.fresh(), name, "the name is not a message's");
  if (schedule_.find(*id) != nullptr) {
    // A second event, or it was made by ourselves. At the start it is neither.
    if (loading_) set_aside(dirs_.fresh(), name, "a message of that name stands in cur/ already");
    return;
  }
  const std::optional<MessageId> origin = parent_of(*id);
  if (origin && schedule_.find(*origin) != nullptr) return park(*id, *origin);
  adopt(*id);
  if (!loading_) run();
}

void Manager::adopt(const MessageId& id) {
  QueueEntry entry;
  entry.name_next = time_.now() / 1'000'000;
  entry.unverified = loading_;
  if (!id.derived()) entry.arrived_by = clock_settings_.now(time_);
  const Result<> adopted = dirs_.adopt(fs_, id, entry.name_next);
  if (!adopted) {
    // Gone already: the event came late. Anything else is looked at again.
    if (adopted.error().code == ENOENT) return;
    if (!looking_again_)
      Log("trouble").id(id.text()).add("at", "adopt").add("reason", adopted.error().text).error();
    return look_again();
  }
  if (schedule_.add(id, entry) == nullptr) return;
  schedule_.set_fresh(id);
  if (!id.derived()) figures_.accepted();
}

// One look for all that could not be adopted, however many: each would bring all of them back.
void Manager::look_again() {
  if (std::exchange(looking_again_, true)) return;
  later(kTroubleWait, [this] {
    looking_again_ = false;
    const Result<> scanned = scan_new();
    if (scanned) return;
    Log("trouble").add("at", "scan").add("reason", scanned.error().text).error();
    look_again();
  });
}

// A notice may go only when its origin has noted it: else a crash could make a second one.
void Manager::park(const MessageId& id, const MessageId& origin) {
  if (loading_ && !notice_is_whole(id)) return;
  QueueEntry entry;
  entry.in_new = true;
  entry.parked = true;
  entry.unverified = loading_;
  // A child arrived when its origin did; the arrival of a notice is our own word.
  if (!is_notice(id)) entry.arrived_by = schedule_.find(origin)->arrived_by;
  schedule_.add(id, entry);
  parked_[origin].push_back(id);
  if (!loading_) return; // its origin is just making it
  to_settle_.insert(origin);
  schedule_.set_fresh(origin);
}

// A torn one, left by a power cut, does not count as made.
bool Manager::notice_is_whole(const MessageId& id) {
  Result<> whole;
  const Result<MessageFile> file = MessageFile::open(fs_, dirs_.fresh(), id.text());
  if (file) {
    whole = file->verify();
  } else {
    whole = std::unexpected(file.error());
  }
  if (!whole && whole.error().code == 0) set_aside(dirs_.fresh(), id.text(), whole.error().text);
  return whole.has_value();
}

void Manager::notice_settled(const MessageId& id) {
  QueueEntry* entry = schedule_.find(id);
  if (entry == nullptr) return adopt(id);
  if (!entry->parked) return;
  const Next next = time_.now() / 1'000'000;
  const Result<> adopted = dirs_.adopt(fs_, id, next);
  if (!adopted) {
    Log("trouble").id(id.text()).add("at", "adopt").add("reason", adopted.error().text).error();
    if (adopted.error().code == ENOENT) return schedule_.erase(id);
    return later(kTroubleWait, [this, id] { notice_settled(id); });
  }
  entry->parked = false;
  entry->in_new = false;
  entry->name_next = *next;
  schedule_.set_fresh(id);
}

// The origin is over, or knows nothing of them: nothing is left to wait for.
void Manager::release_parked(const MessageId& origin) {
  const auto at = parked_.find(origin);
  if (at == parked_.end()) return;
  const std::vector<MessageId> all = std::move(at->second);
  parked_.erase(at);
  for (const MessageId& id : all) {
    const QueueEntry* entry = schedule_.find(id);
    if (entry == nullptr || !entry->parked) continue;
    if (stands_in_new(id)) {
      notice_settled(id);
    } else {
      schedule_.erase(id);
    }
  }
}

bool Manager::stands_in_new(const MessageId& id) {
  return fs_.open_at(dirs_.fresh(), id.text(), O_PATH | O_NOFOLLOW, 0).has_value();
}

bool Manager::stands(const MessageId& id) {
  const QueueEntry* entry = schedule_.find(id);
  if (entry != nullptr && !entry->in_new) return true;
  return stands_in_new(id);
}

Result<> Manager::make_durable(const MessageId& id) {
  const Result<Fd> file =
      fs_.open_at(dirs_.fresh(), id.text(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
  // In cur/ it was durable before it came there.
  if (!file && file.error().code == ENOENT) return {};
  if (!file) return std::unexpected(file.error());
  const Result<> synced = fs_.sync(file->get());
  if (!synced) return synced;
  return fs_.sync(dirs_.fresh());
}

Result<> Manager::create(const MessageId& id, const MessageHead& origin,
                         const EnvelopeSender& sender, const EnvelopeRecipient& recipient,
                         const std::string& message) {
  MessageWriter writer(fs_, box_, mode_);
  const Origin from{origin.uid, origin.login, {}, time_.now()};
  Result<> done = writer.begin(id, from, {});
  if (done) done = writer.message(message);
  if (done) done = writer.sender(sender);
  if (done) done = writer.recipient(recipient);
  if (!done) return done;
  const Result<Committed> committed = writer.commit();
  if (!committed) return std::unexpected(committed.error());
  return *committed == Committed::existed ? make_durable(id) : Result<>();
}

void Manager::rename(const MessageId& id, QueueEntry& entry, Next next) {
  const Result<> renamed = dirs_.reschedule(fs_, id, entry.next(), next);
  if (renamed) {
    entry.name_next = next.value_or(QueueEntry::kHeld);
  } else {
    // The old name stays: an early retry after a restart.
    Log("trouble").id(id.text()).add("at", "rename").add("reason", renamed.error().text).warning();
  }
  schedule_.recount(entry);
}

void Manager::keep_transcript(const Ticket& ticket, std::uint32_t owner, const JobResult& result) {
  std::vector<std::uint32_t> numbers;
  for (const RecipientGroup& group : result.transaction.groups) {
    const Disposition became = group.outcome.disposition;
    if (became == Disposition::delivered || became == Disposition::relayed) continue;
    for (const Ranges::Range& range : group.recipients.ranges()) {
      for (std::uint32_t n = range.first; n <= range.last; ++n)
        numbers.push_back(n);
    }
  }
  if (numbers.empty()) return;
  std::ranges::sort(numbers);
  Transcript transcript;
  transcript.id = ticket.id;
  transcript.uid = owner;
  transcript.time = time_.now();
  transcript.attempt = ticket.attempt;
  transcript.transport = ticket.choice.transport;
  for (const std::uint32_t n : numbers)
    transcript.recipients.add(n);
  transcript.text = result.transcript;
  transcripts_.add(transcript);
}

} // namespace waypost::queue
