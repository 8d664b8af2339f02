// Notices: messages that tell a sender what became of his recipients.
//
// The order makes each of them exist exactly once, whenever the manager is killed:
//   entry in the history that names it and its recipients, flushed -> text from waypost-bounce
//   -> message under that name in new/, durable (existing already is as good) -> marks, flushed
//   -> only now it is scheduled
// A notice of delay has no marks: its entry is written after it was created, its name keeps it
// single.
#include "queue/manager/turn.h"

#include <algorithm>

#include "lib/sys/log.h"
#include "lib/sys/text.h"
#include "queue/spool/history_log.h"

namespace waypost::queue {

namespace {

constexpr BootMs kTroubleWait = 10'000;

} // namespace

bool Turn::noted(const std::string& name) const {
  return std::ranges::find(facts_.notices, name, &MadeNotice::name) != facts_.notices.end();
}

std::optional<MessageId> Turn::new_notice_name(char kind) const {
  std::uint32_t number = 1;
  for (const MadeNotice& made : facts_.notices) {
    const std::size_t dot = made.name.rfind('.');
    if (dot == std::string::npos || made.name[dot + 1] != kind) continue;
    const auto used = parse_number(std::string_view(made.name).substr(dot + 2), 999'999);
    number = std::max(number, static_cast<std::uint32_t>(used.value_or(0)) + 1);
  }
  std::optional<MessageId> name = id().derive(kind, number);
  while (name && host_.stands(*name))
    name = id().derive(kind, ++number);
  return name;
}

bool Turn::begin_notice() {
  if (notice_running_ || notice_blocked_) return false;
  Result<NoticePlan> plan = next_notice();
  if (!plan) {
    notice_fails({}, plan.error());
    return true;
  }
  if (plan->recipients.empty()) return false;
  make_notice(std::make_shared<NoticePlan>(std::move(*plan)));
  return true;
}

// One without recipients: none is owed.
Result<NoticePlan> Turn::next_notice() {
  // One that was begun is finished under its name, for the recipients that it was begun for.
  for (const MadeNotice& made : facts_.notices) {
    if (made.name.ends_with(".d")) continue;
    NoticePlan plan;
    for (const Ranges::Range& range : made.recipients.ranges()) {
      for (std::uint32_t n = range.first; n <= range.last && n < file_->head().recipients; ++n) {
        const Mark mark = file_->mark(n);
        if (mark != Mark::failed && mark != Mark::delivered_owed) continue;
        plan.kind = mark == Mark::failed ? NoticeKind::failure : NoticeKind::relayed;
        plan.recipients.push_back(n);
      }
    }
    if (plan.recipients.empty()) continue;
    plan.name = MessageId::parse(made.name);
    plan.noted = true;
    const Result<> alike = keep_alike(plan);
    if (!alike) return std::unexpected(alike.error());
    return plan;
  }
  for (const NoticeKind kind : {NoticeKind::failure, NoticeKind::relayed}) {
    Result<NoticePlan> plan = plan_notice(*file_, kind);
    if (!plan) return plan;
    if (plan->recipients.empty()) continue;
    const Result<> alike = keep_alike(*plan);
    if (!alike) return std::unexpected(alike.error());
    plan->name = new_notice_name(kind == NoticeKind::failure ? 'b' : 's');
    return plan;
  }
  return delay_notice();
}

// A notice of success tells of deliveries, or of handing on, as the history has it of its first
// recipient; the others get the next one.
Result<> Turn::keep_alike(NoticePlan& plan) const {
  if (plan.kind != NoticeKind::relayed) return {};
  Result<ProgressFold> fold = fold_of(plan.recipients);
  if (!fold) return std::unexpected(fold.error());
  const std::vector<RecipientProgress>& progress = fold->progress();
  const Disposition first = progress.front().last.disposition;
  if (first == Disposition::delivered) plan.kind = NoticeKind::success;
  std::size_t at = 0;
  std::erase_if(plan.recipients,
                [&](std::uint32_t) { return progress[at++].last.disposition != first; });
  return {};
}

// What the history says of them.
Result<ProgressFold> Turn::fold_of(const std::vector<std::uint32_t>& recipients) const {
  ProgressFold fold(recipients, kAllNoticeReplies);
  const Result<HistoryEnd> read = read_history(
      *file_, file_->head().history_offset(), file_->history_end(), [&](const HistoryEntry& entry) {
        fold.take(entry);
        return true;
      });
  if (!read) return std::unexpected(read.error());
  return fold;
}

// Once a message, by its age.
bool Turn::may_tell_of_delay() const {
  const auto name = id().derive('d', 0);
  return host_.settings().delay_notice_after_s != 0 && !delay_checked_ && !sender_.sender.null() &&
         name && !noted(name->text());
}

Result<NoticePlan> Turn::delay_notice() {
  const auto after = static_cast<WallUs>(host_.settings().delay_notice_after_s) * 1'000'000;
  if (!may_tell_of_delay() || age() < after) return NoticePlan{};
  Result<NoticePlan> plan = plan_notice(*file_, NoticeKind::delay);
  if (!plan) return plan;
  plan->name = id().derive('d', 0);
  delay_checked_ = plan->recipients.empty();
  return plan;
}

// Attempts lie hours apart: the notice does not wait for the next one. 0: none is to come.
BootMs Turn::delay_due() const {
  const auto after = static_cast<WallUs>(host_.settings().delay_notice_after_s) * 1'000'000;
  const bool to_come = file_ != nullptr && loading_ && file_->count(Mark::pending) > 0 &&
                       may_tell_of_delay() && age() < after;
  return to_come ? host_.time().boot() + (after - age()) / 1000 + 1 : 0;
}

void Turn::make_notice(const std::shared_ptr<NoticePlan>& plan) {
  notice_running_ = true;
  if (!plan->name) return notice_fails(*plan, {0, "the message's name has too many suffixes"});
  const Result<> written = file_->write_marks();
  if (!written) return notice_fails(*plan, written.error());
  if (!plan->noted && plan->kind != NoticeKind::delay) {
    const HistoryEntry entry =
        notice_entry(host_.time().now(), plan->name->text(), plan->recipients);
    const Result<> appended = file_->append_history(entry);
    if (!appended) return notice_fails(*plan, appended.error());
    facts_.notices.push_back({entry.name, entry.transaction.groups.front().recipients});
    plan->noted = true;
  }
  sync([self = shared_from_this(), plan](const Result<>& done) {
    if (!done) return self->notice_fails(*plan, done.error());
    if (plan->noted && self->host_.stands(*plan->name)) return self->notice_created(plan);
    Result<NoticeRequest> request = self->notice_request_for(*plan);
    if (!request) return self->notice_fails(*plan, request.error());
    const auto to = Address::parse(request->to);
    if (!to) return self->notice_fails(*plan, to.error());
    plan->to.address = *to;
    self->host_.ask_notice(std::move(*request), [self, plan](const Result<std::string>& text) {
      if (!text) return self->notice_fails(*plan, text.error());
      self->notice_rendered(plan, *text);
    });
  });
}

Result<NoticeRequest> Turn::notice_request_for(const NoticePlan& plan) const {
  const Settings& settings = host_.settings();
  NoticeRequest request;
  request.kind = plan.kind;
  request.id = id().text();
  request.name = plan.name->text();
  request.hostname = settings.hostname;
  request.to = reporting_ == Reporting::postmaster ? settings.postmaster : sender_.sender.text();
  if (request.to.empty()) request.to = "postmaster";
  request.postmaster = settings.postmaster;
  request.lost = reporting_ == Reporting::postmaster;
  request.unlisted = plan.unlisted;
  request.arrival = file_->head().arrival_us;
  request.expires = request.arrival + static_cast<WallUs>(settings.expire_after_s) * 1'000'000;
  request.now = host_.time().now();
  request.envid = sender_.envid;
  request.utf8 = sender_.utf8;
  // RFC 3461 4.3: RET is about failures; the others return the header.
  request.full = plan.kind == NoticeKind::failure && sender_.ret == DsnReturn::full &&
                 reporting_ == Reporting::sender && file_->head().message_length < kMaxReturnedFull;
  const Result<> added = add_recipients(request, plan);
  if (!added) return std::unexpected(added.error());
  Result<std::string> original = returned_part(*file_, request.full);
  if (!original) return std::unexpected(original.error());
  request.original = std::move(*original);
  return request;
}

// Each with what its last attempt came to.
Result<> Turn::add_recipients(NoticeRequest& request, const NoticePlan& plan) const {
  Result<ProgressFold> fold = fold_of(plan.recipients);
  if (!fold) return std::unexpected(fold.error());
  EnvelopeCursor cursor(*file_);
  const Result<EnvelopeSender> sender = cursor.sender();
  if (!sender) return std::unexpected(sender.error());
  for (std::size_t i = 0; i < plan.recipients.size(); ++i) {
    Result<EnvelopeRecipient> recipient = cursor.recipient(plan.recipients[i]);
    if (!recipient) return std::unexpected(recipient.error());
    RecipientProgress& progress = fold->progress()[i];
    NoticeRecipient one{std::move(*recipient), progress.last_time, progress.transport,
                        progress.host,         progress.address,   std::move(progress.last)};
    if (one.attempted == 0 && plan.kind == NoticeKind::failure) {
      // The record of the attempt is lost; the mark is not.
      one.outcome.disposition = Disposition::failed;
      one.outcome.status = {5, 0, 0};
      one.outcome.reply = "delivery failed; what the other side said could not be kept";
    }
    request.recipients.push_back(std::move(one));
  }
  return {};
}

void Turn::notice_rendered(const std::shared_ptr<NoticePlan>& plan, const std::string& text) {
  const auto done = std::make_shared<Result<>>();
  host_.work(
      [self = shared_from_this(), plan, text, done] {
        EnvelopeSender sender; // RFC 3464 2: the null return path
        sender.utf8 = !plan->to.address.ascii();
        *done = self->host_.create(*plan->name, self->file_->head(), sender, plan->to, text);
      },
      [self = shared_from_this(), plan, done] {
        if (!*done) return self->notice_fails(*plan, done->error());
        self->notice_created(plan);
      });
}

void Turn::notice_created(const std::shared_ptr<NoticePlan>& plan) {
  for (const std::uint32_t n : plan->recipients) {
    if (file_->mark(n) == Mark::failed) static_cast<void>(file_->set_mark(n, Mark::reported));
    if (file_->mark(n) == Mark::delivered_owed)
      static_cast<void>(file_->set_mark(n, Mark::delivered_told));
  }
  const std::string name = plan->name->text();
  if (plan->kind == NoticeKind::delay && !noted(name)) {
    write_down(notice_entry(host_.time().now(), name, {}));
    facts_.notices.push_back({name, {}});
  }
  const auto again = [self = shared_from_this(), plan](const Error& error) {
    Log("trouble").id(self->id().text()).add("at", "notice").add("reason", error.text).error();
    self->host_.later(kTroubleWait, [self, plan] { self->notice_created(plan); });
  };
  const Result<> written = file_->write_marks();
  if (!written) return again(written.error());
  sync([self = shared_from_this(), plan, again](const Result<>& done) {
    if (!done) return again(done.error());
    Log("notice")
        .id(self->id().text())
        .add("kind", waypost::name(plan->kind))
        .add("name", plan->name->text())
        .add("to", plan->to.address.text())
        .add("recipients", plan->recipients.size())
        .info();
    self->host_.notice_made(plan->kind);
    self->host_.notice_settled(*plan->name);
    self->notice_running_ = false;
    self->advance();
  });
}

void Turn::notice_fails(const NoticePlan& plan, const Error& error) {
  Log("notice_waits")
      .id(id().text())
      .add("name", plan.name ? plan.name->text() : std::string())
      .add("reason", error.text)
      .error();
  notice_running_ = false;
  notice_blocked_ = true;
  advance();
}

} // namespace waypost::queue
