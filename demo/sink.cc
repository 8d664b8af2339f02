#include "demo/sink.h"

#include <cstdio>

#include "lib/sys/text.h"

namespace waypost::demo {

Sink::Sink(Settings settings)
    : settings_(std::move(settings)),
      turns_(settings_.script.sections.size()) {}

TlsServer& Sink::tls() {
  const std::scoped_lock held(lock_);
  if (!tls_) tls_ = std::make_unique<TlsServer>();
  return *tls_;
}

Sink::Entry Sink::begin_session() {
  const std::scoped_lock held(lock_);
  const std::uint64_t most = settings_.script.most_sessions;
  ++open_;
  return {++sessions_, open_, open_ <= most || most == 0};
}

void Sink::end_session() {
  const std::scoped_lock held(lock_);
  --open_;
}

const Section* Sink::turn(Moment moment, const std::string& command) {
  const std::string text = ascii_lower(command);
  const std::scoped_lock held(lock_);
  for (std::size_t i = 0; i < turns_.size(); ++i) {
    const Section& one = settings_.script.sections[i];
    const bool used_up = one.times && turns_[i] >= *one.times;
    if (one.moment != moment || used_up || text.find(one.words) == std::string::npos) continue;
    ++turns_[i];
    return &one;
  }
  return nullptr;
}

bool Sink::seen_before(const std::string& recipient) {
  const std::scoped_lock held(lock_);
  return !seen_.insert(recipient).second;
}

void Sink::say(const std::string& line) {
  const std::scoped_lock held(lock_);
  std::printf("%s\n", printable("[" + settings_.label + "] " + line).c_str());
  std::fflush(stdout);
}

void Sink::keep(const std::string& message) {
  if (settings_.keep.empty()) return;
  const std::scoped_lock held(lock_);
  const std::string path = settings_.keep + "/" + settings_.label + "-" + std::to_string(++kept_);
  std::FILE* const file = std::fopen(path.c_str(), "wbe");
  const bool written =
      file != nullptr && std::fwrite(message.data(), 1, message.size(), file) == message.size();
  if (file == nullptr || std::fclose(file) != 0 || !written)
    std::fprintf(stderr, "waypost-sink: cannot write %s\n", path.c_str());
}

} // namespace waypost::demo
