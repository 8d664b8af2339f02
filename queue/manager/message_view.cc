#include "queue/manager/message_view.h"

#include <algorithm>
#include <numeric>

#include "queue/manager/settlement.h"
#include "queue/spool/history_log.h"

namespace waypost::queue {

std::string_view RecipientView::state() const {
  switch (mark) {
  case Mark::pending: return "pending";
  case Mark::delivered:
  case Mark::delivered_owed:
  case Mark::delivered_told:
  case Mark::expanded: return "delivered";
  case Mark::failed:
  case Mark::reported: return "failed";
  }
  return "pending";
}

Result<std::unique_ptr<MessageView>>
MessageView::open(Fs& fs, const SpoolDirs& dirs, const MessageId& id, const QueueEntry& entry) {
  Result<MessageFile> file = entry.in_new
                                 ? MessageFile::open(fs, dirs.fresh(), id.text())
                                 : MessageFile::open(fs, dirs.cur(id), cur_name(id, entry.next()));
  if (!file) return std::unexpected(file.error());
  std::unique_ptr<MessageView> view(new MessageView(id, std::move(*file)));
  const Result<> marks = view->file_.load_marks();
  if (!marks) return std::unexpected(marks.error());
  ProgressFold fold({});
  const Result<HistoryEnd> end = read_history(view->file_, view->head().history_offset(),
                                              view->file_.size(), [&](const HistoryEntry& one) {
                                                fold.take(one);
                                                return true;
                                              });
  if (!end) return std::unexpected(end.error());
  view->facts_ = fold.facts();
  view->file_.set_history_end(end->offset);
  view->rewind();
  Result<EnvelopeSender> sender = view->cursor_->sender();
  if (!sender) return std::unexpected(sender.error());
  view->sender_ = std::move(*sender);
  return view;
}

void MessageView::rewind() {
  cursor_ = std::make_unique<EnvelopeCursor>(file_);
  next_ = 0;
}

Address MessageView::leaving() const {
  if (facts_.sender.empty() || sender_.sender.null()) return sender_.sender;
  return Address::parse(facts_.sender).value_or(sender_.sender);
}

Result<std::vector<RecipientView>> MessageView::next(std::uint32_t most) {
  std::vector<std::uint32_t> numbers(std::min(most, head().recipients - next_));
  std::iota(numbers.begin(), numbers.end(), next_);
  next_ += static_cast<std::uint32_t>(numbers.size());
  ProgressFold fold(std::move(numbers));
  if (file_.history_end() > head().history_offset() && !fold.recipients().empty()) {
    const Result<HistoryEnd> end = read_history(file_, head().history_offset(), file_.history_end(),
                                                [&](const HistoryEntry& one) {
                                                  fold.take(one);
                                                  return true;
                                                });
    if (!end) return std::unexpected(end.error());
  }
  std::vector<RecipientView> some;
  for (std::size_t i = 0; i < fold.recipients().size(); ++i) {
    const std::uint32_t number = fold.recipients()[i];
    Result<EnvelopeRecipient> recipient = cursor_->recipient(number);
    if (!recipient) return std::unexpected(recipient.error());
    some.push_back(
        {number, file_.mark(number), std::move(*recipient), std::move(fold.progress()[i])});
  }
  return some;
}

Record MessageView::record(const std::vector<RecipientView>& some, const std::string& account,
                           WallUs next) const {
  Record record;
  record.add("type", "message").add("id", id_.text());
  record.add_number("arrived", static_cast<std::uint64_t>(head().arrival_us));
  record.add_number("size", head().message_length).add("sender", sender_.sender.text());
  record.add("account", account).add_number("uid", head().uid);
  if (facts_.held) record.add("held", "1");
  record.add_some("hand", facts_.hand);
  if (is_notice(id_)) {
    record.add("notice", "is");
  } else if (file_.count(Mark::failed) + file_.count(Mark::delivered_owed) > 0) {
    record.add("notice", "owed");
  }
  record.add_number("recipients", head().recipients);
  for (const RecipientView& one : some) {
    record.add_number("rcpt", one.number).add("to", one.recipient.address.text());
    record.add("state", one.state()).add_number("attempts", one.progress.attempts);
    if (one.mark == Mark::pending && next != 0)
      record.add_number("next", static_cast<std::uint64_t>(next));
    record.add_some("transport", one.progress.transport);
    record.add_some("class", name(one.progress.last.klass));
    record.add_some("reply", one.progress.last.reply);
    record.add_some("classes", one.progress.classes.text());
    for (const std::string& transport : one.progress.refused)
      record.add("refused", transport);
  }
  return record;
}

} // namespace waypost::queue
