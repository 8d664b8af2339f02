// The beginning of a turn: open, check, read what happened before.
#include "queue/manager/turn.h"

#include "lib/sys/log.h"
#include "queue/spool/history_log.h"

namespace waypost::queue {
namespace {

// Longer files are compared with their checksum on a work thread.
constexpr std::uint64_t kQuickToVerify = 256 * 1024;

} // namespace

void Turn::begin() {
  const std::string name = cur_name(start_.id, start_.name);
  Result<MessageFile> file = MessageFile::open(host_.fs(), host_.dirs().cur(start_.id), name);
  if (!file) return stand_damage(file.error());
  file_ = std::make_unique<MessageFile>(std::move(*file));
  if (!start_.verify) return opened();
  const auto verified = std::make_shared<Result<>>();
  if (file_->head().marks_offset() <= kQuickToVerify) {
    *verified = file_->verify();
    return *verified ? opened() : stand_damage(verified->error());
  }
  host_.work([self = shared_from_this(), verified] { *verified = self->file_->verify(); },
             [self = shared_from_this(), verified] {
               if (!*verified) return self->stand_damage(verified->error());
               self->opened();
             });
}

// Damage goes to bad/, trouble is tried again: only errors of system calls have a code.
void Turn::stand_damage(const Error& error) {
  if (error.code == ENOENT) {
    Log("gone").id(id().text()).add("reason", error.text).warning();
    return end(TurnEnd::Kind::gone);
  }
  if (error.code != 0) return try_later("open", error);
  Log("damaged").id(id().text()).add("reason", error.text).error();
  const Result<> moved = host_.dirs().set_aside(host_.fs(), host_.dirs().cur(id()),
                                                cur_name(id(), start_.name), error.text);
  if (!moved) return try_later("set aside", moved.error());
  end(TurnEnd::Kind::bad);
}

Result<> Turn::read_facts() {
  const Result<> marks = file_->load_marks();
  if (!marks) return marks;
  ProgressFold fold({});
  if (file_->size() > file_->head().history_offset()) {
    const Result<HistoryEnd> end = read_history(*file_, file_->head().history_offset(),
                                                file_->size(), [&](const HistoryEntry& entry) {
                                                  fold.take(entry);
                                                  return true;
                                                });
    if (!end) return std::unexpected(end.error());
    file_->set_history_end(end->offset);
    if (end->torn) Log("history_cut").id(id().text()).add("at", end->offset).warning();
  }
  facts_ = fold.facts();
  attempts_ = facts_.attempts;
  known_history_ = file_->history_end();
  cursor_ = std::make_unique<EnvelopeCursor>(*file_);
  Result<EnvelopeSender> sender = cursor_->sender();
  if (!sender) return std::unexpected(sender.error());
  sender_ = std::move(*sender);
  handed_in_ = sender_.sender;
  use_rewritten_sender();
  reporting_ = reporting(id(), sender_.sender);
  return {};
}

void Turn::opened() {
  const Result<> read = read_facts();
  if (!read) return stand_damage(read.error());
  began_ = start_.full ? host_.time().now() : start_.began;
  settle_standing_notices();
}

// A notice that stands in the spool was made for recipients whose marks may still owe it: the
// manager died between creating it and noting that. They are noted first, then it may go.
void Turn::settle_standing_notices() {
  std::vector<MessageId> standing;
  for (const MadeNotice& made : facts_.notices) {
    const auto name = MessageId::parse(made.name);
    if (!name || noticed(*name) != id() || !host_.stands(*name)) continue;
    standing.push_back(*name);
    for (const Ranges::Range& range : made.recipients.ranges()) {
      for (std::uint32_t n = range.first; n <= range.last && n < file_->head().recipients; ++n) {
        if (file_->mark(n) == Mark::failed) static_cast<void>(file_->set_mark(n, Mark::reported));
        if (file_->mark(n) == Mark::delivered_owed)
          static_cast<void>(file_->set_mark(n, Mark::delivered_told));
      }
    }
  }
  const Result<> children = note_standing_children(standing);
  if (!children && children.error().code == 0) return stand_damage(children.error());
  if (!children) return try_later("note a child", children.error());
  const auto delay = id().derive('d', 0);
  const bool unnoted = delay && host_.stands(*delay) && !noted(delay->text());
  if (unnoted) {
    HistoryEntry entry;
    entry.kind = HistoryKind::notice;
    entry.time = host_.time().now();
    entry.name = delay->text();
    write_down(entry);
    facts_.notices.push_back({entry.name, {}});
    standing.push_back(*delay);
  }
  if (standing.empty()) return deliver();
  note_standing_notices(standing);
}

// Whoever created them may have died before its flush.
void Turn::note_standing_notices(const std::vector<MessageId>& standing) {
  const auto durable = std::make_shared<Result<>>();
  host_.work(
      [self = shared_from_this(), standing, durable] {
        for (const MessageId& one : standing) {
          *durable = self->host_.make_durable(one);
          if (!*durable) return;
        }
      },
      [self = shared_from_this(), standing, durable] {
        if (!*durable) return self->try_later("sync a notice", durable->error());
        const Result<> written = self->file_->write_marks();
        if (!written) return self->try_later("write marks", written.error());
        self->sync([self, standing](const Result<>& done) {
          if (!done) return self->try_later("sync", done.error());
          for (const MessageId& one : standing)
            self->host_.notice_settled(one);
          self->deliver();
        });
      });
}

void Turn::log_queued() const {
  const MessageHead& head = file_->head();
  Log("queued")
      .id(id().text())
      .add("from", sender_.sender.text())
      .add("account", account_)
      .add("bytes", head.message_length)
      .add("recipients", head.recipients)
      .info();
}

void Turn::deliver() {
  if (!start_.deliver) return end(TurnEnd::Kind::waits);
  host_.account(file_->head(), [self = shared_from_this()](const Result<std::string>& account) {
    if (!account) return self->try_later("account", account.error());
    self->account_ = *account;
    if (self->start_.fresh) self->log_queued();
    self->ask_overlay();
  });
}

} // namespace waypost::queue
