#include "sasl/pins.h"

#include <bit>
#include <fcntl.h>
#include <optional>
#include <utility>

#include "lib/mail/record.h"
#include "lib/sys/log.h"
#include "lib/sys/names.h"
#include "lib/sys/netstring.h"
#include "lib/sys/text.h"
#include "sasl/base64.h"
#include "sasl/scram_message.h"

namespace waypost::sasl {
namespace {

constexpr const char* kFile = "pins";
constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr Names<Digest, 2> kDigests{{{Digest::sha1, "sha1"}, {Digest::sha256, "sha256"}}};

} // namespace

Pins::Pins(Fs& fs, std::string folder) : fs_(fs), folder_(std::move(folder)) {
  if (!folder_.empty()) read();
}

const Pin* Pins::find(const std::string& credential, const std::string& host, Digest digest) const {
  const auto found = pins_.find({credential, host, digest});
  return found == pins_.end() ? nullptr : &found->second.pin;
}

void Pins::note(const std::string& credential, const std::string& host, Digest digest,
                const Pin& pin) {
  if (pins_.size() >= kMost) pins_.clear(); // a host that is somebody's to make up fills no disk
  const auto [at, first] = pins_.try_emplace({credential, host, digest}, Remembered{pin, 0});
  Remembered& known = at->second;
  if (!first && known.pin == pin) return;
  const Pin before = std::exchange(known.pin, pin);
  if (!first) {
    const bool salt_alone = before.iterations == pin.iterations;
    if (salt_alone && !std::has_single_bit(++known.changes)) return;
    Log("salt_changed")
        .add("credential", credential)
        .add("host", host)
        .add("salt", before.salt == pin.salt ? "same" : "another")
        .add("iterations", pin.iterations)
        .add("before", before.iterations)
        .warning();
  }
  if (pin.iterations < kExpectedIterations) {
    Log("few_iterations")
        .add("credential", credential)
        .add("host", host)
        .add("iterations", pin.iterations)
        .add("expected", kExpectedIterations)
        .warning();
  }
  if (folder_.empty()) return;
  const Result<> kept = write();
  if (!kept) Log("pins_not_kept").add("error", kept.error().text).warning();
}

void Pins::read() {
  const Result<Fd> folder = fs_.open_at(AT_FDCWD, folder_, O_RDONLY | O_DIRECTORY, 0);
  if (!folder) return;
  const Result<Fd> file = fs_.open_at(folder->get(), kFile, O_RDONLY | O_NOFOLLOW, 0);
  if (!file) return;
  std::string bytes(kMostBytes, '\0');
  const Result<std::size_t> size = fs_.read_at(file->get(), bytes, 0);
  std::string_view rest = std::string_view(bytes).substr(0, size.value_or(0));
  for (;;) {
    const auto frame = take_netstring(rest, kMostBytes);
    if (!frame || !*frame) return; // what is damaged is learnt anew
    const Result<Record> record = Record::decode(**frame);
    if (!record) return;
    const auto digest = value_of(kDigests, record->get("digest"));
    const auto iterations = record->number("iterations");
    std::optional<std::string> salt = decode_base64(record->get("salt"));
    if (!digest || !iterations || *iterations > kMostIterations || !salt) continue;
    const Pin pin{std::move(*salt), static_cast<std::uint32_t>(*iterations)};
    pins_[{std::string(record->get("credential")), std::string(record->get("host")), *digest}] = {
        pin, 0};
  }
}

Result<> Pins::write() const {
  std::string bytes;
  for (const auto& [key, known] : pins_) {
    const auto& [credential, host, digest] = key;
    const Pin& pin = known.pin;
    Record record;
    record.add("type", "pin").add("credential", credential).add("host", host);
    record.add("digest", word_of(kDigests, digest)).add("salt", view(encode_base64(pin.salt)));
    record.add_number("iterations", pin.iterations);
    append_netstring(bytes, record.encode());
  }
  const std::string draft = std::string(kFile) + ".new";
  const Result<Fd> folder = fs_.open_at(AT_FDCWD, folder_, O_RDONLY | O_DIRECTORY, 0);
  if (!folder) return std::unexpected(folder.error());
  const Result<Fd> file =
      fs_.open_at(folder->get(), draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
  if (!file) return std::unexpected(file.error());
  const Result<> written = fs_.write_all(file->get(), bytes);
  if (!written) return written;
  const Result<> kept = fs_.sync(file->get());
  if (!kept) return kept;
  return fs_.rename_at(folder->get(), draft, folder->get(), kFile);
}

} // namespace waypost::sasl
