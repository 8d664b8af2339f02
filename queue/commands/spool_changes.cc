#include "queue/commands/spool_changes.h"

#include <algorithm>

#include "queue/manager/settlement.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kProgressEach = 1'000;

} // namespace

Result<Ending> SpoolChanges::apply(const ChangeRequest& request, Interrupt* interrupt) {
  const auto all = answers_.standing();
  if (!all) return std::unexpected(all.error());
  for (const Standing& one : *all) {
    if (!one.entry.in_new) known_.insert(known_.end(), one.id);
  }
  const std::vector<std::string>& named = request.filter.ids();
  std::set<std::string> missing(named.begin(), named.end());
  for (std::size_t i = 0; i < all->size(); ++i) {
    if (interrupt != nullptr && interrupt->came()) return Ending{status_, {}};
    Result<> said = tell_progress(i, all->size());
    const Standing& one = (*all)[i];
    if (!named.empty() && missing.erase(one.id.text()) == 0) continue;
    const auto done = change(one, request);
    if (said && done) said = tell(one.id.text(), *done);
    if (!said) return std::unexpected(said.error());
  }
  for (const std::string& id : missing) {
    const Result<> said = tell(id, std::unexpected(Error{ENOENT, "no such message"}));
    if (!said) return std::unexpected(said.error());
  }
  return Ending{status_, {}};
}

Result<> SpoolChanges::tell_progress(std::size_t looked, std::size_t of) {
  if (looked % kProgressEach != 0) return {};
  Record progress;
  progress.add("type", "progress").add_number("looked", looked).add_number("of", of);
  return on_answer_(progress, {});
}

Result<> SpoolChanges::tell(const std::string& id, const Result<Changed>& done) {
  status_ = worse_status(status_, done);
  return on_answer_(changed_record(id, done), {});
}

std::optional<Result<Changed>> SpoolChanges::change(const Standing& one,
                                                    const ChangeRequest& request) {
  const auto view = answers_.matching(one, request.filter);
  if (!view) return std::unexpected(view.error());
  if (!*view) return std::nullopt;
  if (!request.dry) return change_found(one, request.change, **view);
  const Result<Changed> told = dry_run(one, request, **view);
  if (told && told->effect == Effect::changed) return std::nullopt;
  return told;
}

Result<Changed> SpoolChanges::change_found(const Standing& one, const MessageChange& change,
                                           const MessageView& view) {
  Next next = one.entry.next();
  if (one.entry.in_new) {
    next = clock_.wall_us() / 1'000'000;
    const Result<> adopted = adopt(one, view, next);
    if (!adopted) return std::unexpected(adopted.error());
  }
  const Result<Changed> done =
      change_file(fs_, dirs_.cur(one.id), cur_name(one.id, next), change, clock_.wall_us());
  if (!done || done->after == After::stays || done->after == After::gone) return done;
  const Next after = done->after == After::held ? Next() : clock_.wall_us() / 1'000'000;
  const Result<> renamed = dirs_.reschedule(fs_, one.id, next, after);
  if (!renamed) return std::unexpected(renamed.error());
  return done;
}

Result<Changed> SpoolChanges::dry_run(const Standing& one, const ChangeRequest& request,
                                      MessageView& view) {
  const ChangePlan plan =
      plan_change(request.change, view.facts(), pending_recipients(view.file()), clock_.wall_us());
  const bool lists = plan.effect == Effect::changed;
  const Result<> told = lists ? answers_.tell(view, one.entry, nullptr) : Result<>();
  if (!told) return std::unexpected(told.error());
  return Changed{plan.effect, plan.after};
}

// As the manager does when it sees a name for the first time. A notice whose message stands may
// not have been noted by it yet: only the manager can tell.
Result<> SpoolChanges::adopt(const Standing& one, const MessageView& view, Next next) {
  const Result<> sound = view.file().verify();
  if (!sound) return sound;
  const auto origin = noticed(one.id);
  if (origin && known_.contains(*origin))
    return fail_errno("a notice that its message has not noted yet: start the queue manager",
                      EBUSY);
  return dirs_.adopt(fs_, one.id, next);
}

} // namespace waypost::queue
