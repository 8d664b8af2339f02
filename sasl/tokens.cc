#include "sasl/tokens.h"

#include <algorithm>

#include "lib/sys/text.h"
#include "sasl/command_words.h"
#include "sasl/later.h"

namespace waypost::sasl {
namespace {

// It is left off a little before its end: it has to travel, and to be looked at.
BootMs good_for_ms(std::optional<std::uint64_t> lifetime_s) {
  const std::uint64_t seconds =
      std::min(lifetime_s.value_or(Tokens::kUnknownLifetimeS), Tokens::kMostLifetimeS);
  const std::uint64_t margin = std::min<std::uint64_t>(seconds * 1000 / 10, 60'000);
  return static_cast<BootMs>(seconds * 1000 - margin);
}

} // namespace

Result<Tokens::Fetched> Tokens::token(const SealedCredential& credential, std::uint64_t since) {
  const auto found = entries_.find(credential.sealed);
  if (found == entries_.end() && entries_.size() >= kMost) forget_oldest();
  Entry& entry = found == entries_.end() ? entries_[credential.sealed] : found->second;
  entry.name = credential.name;
  if (entry.under_way != 0) return later();
  const bool answered = entry.stamp > since;
  if (entry.token && (answered || clock_.boot_ms() < entry.until))
    return Fetched{*entry.token, entry.stamp};
  if (answered && !entry.failure.empty()) return fail(entry.failure);
  const Result<> started = start(entry, credential);
  if (!started) return std::unexpected(started.error());
  return later();
}

Result<> Tokens::start(Entry& entry, const SealedCredential& credential) {
  const std::string about = "credential " + credential.name + ": ";
  if (!entry.runs.take(clock_.boot_ms())) return fail(about + "its token command runs too often");
  const Result<Secret> sealed = store_.open(credential);
  if (!sealed) return std::unexpected(sealed.error());
  Result<std::vector<std::string>> words = command_words(view(*sealed));
  if (!words) return fail(about + words.error().text);
  const Result<> started = runner_.run({last_run_ + 1, credential.name, std::move(*words)});
  if (!started) return fail(about + "its token command cannot be run: " + started.error().text);
  entry.under_way = ++last_run_;
  return {};
}

bool Tokens::refused(const SealedCredential& credential, std::uint64_t since, std::uint64_t used) {
  const auto found = entries_.find(credential.sealed);
  if (found == entries_.end()) return false;
  if (found->second.stamp != used) return true; // there is a newer one already
  found->second.token.reset();
  return used <= since;
}

void Tokens::take(std::uint64_t number, bool good, std::string_view text) {
  const auto found = std::ranges::find_if(
      entries_, [number](const auto& one) { return one.second.under_way == number; });
  if (found == entries_.end() || number == 0) return;
  Entry& entry = found->second;
  entry.under_way = 0;
  entry.stamp = ++stamp_;
  entry.token.reset();
  entry.failure.clear();
  const std::string about = "the token command of credential " + entry.name + ": ";
  if (!good) {
    entry.failure = about + printable(text);
    return;
  }
  Result<Token> token = parse_token_output(text);
  if (!token) {
    entry.failure = about + token.error().text;
    return;
  }
  entry.token = std::move(token->bytes);
  entry.until = clock_.boot_ms() + good_for_ms(token->lifetime_s);
}

bool Tokens::running() const {
  return std::ranges::any_of(entries_, [](const auto& one) { return one.second.under_way != 0; });
}

void Tokens::forget_oldest() {
  const auto oldest = std::ranges::min_element(entries_, {}, [](const auto& one) {
    return one.second.under_way != 0 ? UINT64_MAX : one.second.stamp;
  });
  entries_.erase(oldest);
}

} // namespace waypost::sasl
