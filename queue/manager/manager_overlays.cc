// The manager and waypost-overlay: messages that may have to be rewritten or signed, a few at a
// time.
#include "queue/manager/manager.h"

#include <algorithm>

namespace waypost::queue {

bool Manager::wants_overlay(const std::string& account) const {
  return snapshot_.signs() || !snapshot_.rewriting_of(account).empty();
}

bool Manager::sends_signatures(const std::string& transport) const {
  const Transport* const known = snapshot_.transport(transport);
  return known == nullptr || known->dkim;
}

void Manager::ask_overlay(OverlayRequest request, std::function<Result<Fd>()> file,
                          std::function<void(Result<OverlayAnswer>)> then) {
  overlay_line_.push_back({std::move(request), std::move(file), std::move(then)});
  start_overlays();
}

void Manager::start_overlays() {
  while (overlays_.size() < kOverlayPlaces && !overlay_line_.empty()) {
    PendingOverlay one = std::move(overlay_line_.front());
    overlay_line_.pop_front();
    Result<Fd> file = one.file();
    if (!file) {
      // Later: this may be called from within the turn that asked.
      later(0,
            [then = std::move(one.then), error = file.error()] { then(std::unexpected(error)); });
      continue;
    }
    one.request.number = ++last_overlay_;
    one.request.generation = snapshot_.settings.generation;
    const OverlayRequest request = one.request;
    overlays_.push_back(std::move(one));
    watch_.asked(Member::overlay);
    outside_.send_overlay_request(request, std::move(*file), MessageHead::kSize);
  }
}

void Manager::on_overlay(const OverlayAnswer& answer) {
  const auto at = std::ranges::find_if(overlays_, [&answer](const PendingOverlay& one) {
    return one.request.number == answer.number;
  });
  if (at == overlays_.end()) return broken("overlay answers a request that is not under way");
  if (answer.skip > at->request.length) return broken("overlay replaces more than the message has");
  const auto then = std::move(at->then);
  overlays_.erase(at);
  watch_.answered(Member::overlay);
  start_overlays();
  then(answer);
  run();
}

} // namespace waypost::queue
