#include "queue/accept/accept.h"

#include <string_view>

#include "lib/mail/envelope.h"
#include "lib/sys/passwd.h"
#include "queue/accept/message_writer.h"
#include "queue/accept/trace.h"

namespace waypost::queue {
namespace {

using Step = std::expected<void, Refusal>;

// How much of a large message is taken before the disk's free space is looked at again.
constexpr std::uint64_t kSpaceCheck = std::uint64_t{16} << 20;

std::unexpected<Refusal> refuse(QueueExit exit, std::string text) {
  return std::unexpected(Refusal{exit, std::move(text)});
}

// The exit that tells at which step writing failed.
std::unexpected<Refusal> refuse(WriteStep step, const Error& error) {
  const bool disk = error.code == ENOSPC || error.code == EDQUOT || error.code == EIO;
  if (!disk && step == WriteStep::create) return refuse(QueueExit::create, error.text);
  if (!disk && step == WriteStep::name) return refuse(QueueExit::name, error.text);
  return refuse(QueueExit::write_error, error.text);
}

// One message on its way in.
class Acceptance final : public EnvelopeSink {
public:
  Acceptance(Fs& fs, const AcceptRequest& request, DropBox box)
      : fs_(fs),
        request_(request),
        box_(std::move(box)),
        id_(MessageId::make(request.now, request.random)),
        origin_{request.caller.uid, "", "", request.now},
        writer_(fs, box_, request.caller.personal ? 0600 : 0660) {}

  Step begin();
  Step take_message(Intake& intake);
  Step take_envelope(Intake& intake);
  Step commit();
  [[nodiscard]] const MessageId& id() const { return id_; }

  Result<> on_sender(const EnvelopeSender& sender) override;
  Result<> on_recipient(const EnvelopeRecipient& recipient) override {
    return writer_.recipient(recipient);
  }

private:
  Result<> vouch_for(const EnvelopeSender& sender);

  Fs& fs_;
  const AcceptRequest& request_;
  DropBox box_;
  MessageId id_;
  Origin origin_;
  MessageWriter writer_;
};

Step Acceptance::begin() {
  const Result<> room = box_.check_space(request_.limits.free_min);
  if (!room) return refuse(QueueExit::write_error, room.error().text);
  const Result<> begun = writer_.begin(id_, origin_, trace_field(request_.hostname, id_, origin_));
  if (!begun) return refuse(writer_.step(), begun.error());
  return {};
}

Step Acceptance::take_message(Intake& intake) {
  std::uint64_t taken = 0;
  std::uint64_t next_check = kSpaceCheck;
  for (;;) {
    const Bytes bytes = intake.message();
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->empty()) return {};
    taken += bytes->size();
    if (request_.limits.size_max != 0 && taken > request_.limits.size_max) {
      return refuse(QueueExit::too_large, "the message is larger than size_max (" +
                                              std::to_string(request_.limits.size_max) + " bytes)");
    }
    if (taken >= next_check) {
      next_check += kSpaceCheck;
      const Result<> room = box_.check_space_again(fs_, request_.limits.free_min);
      if (!room) return refuse(QueueExit::write_error, room.error().text);
    }
    const Result<> written = writer_.message(*bytes);
    if (!written) return refuse(writer_.step(), written.error());
  }
}

Step Acceptance::take_envelope(Intake& intake) {
  EnvelopeParser parser(*this);
  for (;;) {
    const Bytes bytes = intake.envelope();
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->empty()) return refuse(QueueExit::read_error, "the envelope ends early");
    const Result<bool> ended = parser.feed(*bytes);
    if (!ended && ended.error().code == ENAMETOOLONG)
      return refuse(QueueExit::address_too_long, ended.error().text);
    // Code 0: the envelope's fault. Otherwise a system call failed while it was written.
    if (!ended && ended.error().code == 0)
      return refuse(QueueExit::bad_envelope, ended.error().text);
    if (!ended) return refuse(writer_.step(), ended.error());
    if (*ended) return {};
  }
}

Result<> Acceptance::on_sender(const EnvelopeSender& sender) {
  if (!sender.login.empty() || !sender.peer.empty()) {
    const Result<> vouched = vouch_for(sender);
    if (!vouched) return vouched;
  }
  return writer_.sender(sender);
}

// A login decides the account, so only waypost's own programs may name one.
Result<> Acceptance::vouch_for(const EnvelopeSender& sender) {
  const Caller& caller = request_.caller;
  const Result<uid_t> owner = box_.owner(fs_);
  if (!owner) return std::unexpected(owner.error());
  const bool own = caller.personal || caller.uid == 0 || caller.uid == *owner;
  if (!own) {
    const auto accept = find_passwd_name("wayaccept");
    if (!accept) return std::unexpected(accept.error());
    if (!*accept || (*accept)->uid != caller.uid)
      return fail("envelope: this user may not name a login or peer");
  }
  if (!sender.login.empty()) origin_.login = "smtp:" + sender.login;
  origin_.peer = sender.peer;
  writer_.correct(origin_, trace_field(request_.hostname, id_, origin_));
  return {};
}

Step Acceptance::commit() {
  const Result<Committed> committed = writer_.commit();
  if (!committed) return refuse(writer_.step(), committed.error());
  // Two messages in one microsecond that drew the same 25 random bits. The other one stays.
  if (*committed == Committed::existed) return refuse(QueueExit::name, "the id is taken");
  return {};
}

} // namespace

std::expected<MessageId, Refusal> accept_message(Fs& fs, const AcceptRequest& request,
                                                 Intake& intake) {
  Result<DropBox> box = DropBox::open(fs, request.spool);
  if (!box) return refuse(QueueExit::spool, box.error().text);
  Acceptance acceptance(fs, request, std::move(*box));
  Step step = acceptance.begin();
  if (step) step = acceptance.take_message(intake);
  if (step) step = acceptance.take_envelope(intake);
  if (step) step = acceptance.commit();
  if (!step) return std::unexpected(std::move(step.error()));
  return acceptance.id();
}

} // namespace waypost::queue
