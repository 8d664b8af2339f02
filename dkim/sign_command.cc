#include "dkim/sign_command.h"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

#include "dkim/author.h"
#include "dkim/message.h"
#include "lib/sys/clock.h"
#include "lib/sys/temporary_folder.h"

namespace waypost::dkim {
namespace {

constexpr std::size_t kBlock = std::size_t{64} << 10;

Result<std::size_t> read_block(int in, std::string& block) {
  block.resize(kBlock);
  ssize_t n = -1;
  do {
    n = ::read(in, block.data(), block.size());
  } while (n < 0 && errno == EINTR);
  if (n < 0) return fail_errno("read the message");
  block.resize(static_cast<std::size_t>(n));
  return block.size();
}

// Learns how the lines of the message end, by the first that does.
class LineEnd {
public:
  void see(std::string_view bytes) {
    if (known_ || bytes.empty()) return;
    const std::size_t feed = bytes.find('\n');
    if (feed == std::string_view::npos) {
      after_cr_ = bytes.back() == '\r';
      return;
    }
    known_ = true;
    crlf_ = feed == 0 ? after_cr_ : bytes[feed - 1] == '\r';
  }

  // Takes a field in wire form.
  [[nodiscard]] std::string as_here(std::string field) const {
    if (!crlf_) std::erase(field, '\r');
    return field;
  }

private:
  bool known_ = false;
  bool crlf_ = false;
  bool after_cr_ = false;
};

Result<> read_message(Fs& fs, const Streams& streams, Message& message, LineEnd& line_end) {
  std::string block;
  for (;;) {
    const Result<std::size_t> size = read_block(streams.in, block);
    if (!size) return std::unexpected(size.error());
    if (*size == 0) return message.finish();
    line_end.see(block);
    const Result<> kept = streams.copy ? fs.write_all(streams.copy.get(), block) : Result<>();
    if (!kept) return kept;
    const Result<> taken = message.take(block);
    if (!taken) return taken;
  }
}

Result<> write_again(Fs& fs, int from, off_t begin, int out) {
  if (::lseek(from, begin, SEEK_SET) < 0) return fail_errno("read the message again");
  std::string block;
  for (;;) {
    const Result<std::size_t> size = read_block(from, block);
    if (!size) return std::unexpected(size.error());
    if (*size == 0) return {};
    const Result<> written = fs.write_all(out, block);
    if (!written) return written;
  }
}

// The parent of a domain; a domain of one label has none.
std::string above(const std::string& domain) {
  const std::string parent = domain.substr(std::min(domain.find('.'), domain.size() - 1) + 1);
  return parent.contains('.') ? parent : "";
}

} // namespace

Result<Streams> open_streams(const Arguments& arguments, int in, int out) {
  Streams streams{in, out, {}};
  if (!arguments.whole || ::lseek(in, 0, SEEK_CUR) >= 0) return streams;
  std::string path = temporary_folder() + "/waypost-dkimsign-XXXXXX";
  streams.copy = Fd(::mkostemp(path.data(), O_CLOEXEC));
  if (!streams.copy) return fail_errno("make " + path);
  if (::unlink(path.c_str()) != 0) return fail_errno("remove " + path);
  return streams;
}

Result<std::string> signing_domain(const Arguments& arguments, const KeyFolder& keys,
                                   const Header& header) {
  if (!arguments.domain.empty()) return arguments.domain;
  Result<std::string> author = author_domain(header);
  if (!author) return author;
  for (std::string domain = *author; !domain.empty(); domain = above(domain)) {
    const bool all = std::ranges::all_of(arguments.selectors, [&](const auto& one) {
      return !one.file.empty() || keys.has(domain, one.name);
    });
    if (all) return domain;
  }
  return author; // whose keys are missing: the error names the first
}

Result<> run_sign(Fs& fs, const Arguments& arguments, const KeyFolder& keys,
                  const Streams& streams) {
  const off_t begin = streams.copy ? 0 : ::lseek(streams.in, 0, SEEK_CUR);
  Message message(arguments.manner.body);
  LineEnd line_end;
  const Result<> read = read_message(fs, streams, message, line_end);
  if (!read) return read;
  const Result<std::string> domain = signing_domain(arguments, keys, message.header());
  if (!domain) return std::unexpected(domain.error());
  const std::string& identity = arguments.manner.identity;
  if (!identity.empty() && !may_identify(identity, *domain))
    return fail("-i must be of " + *domain + " or of a domain below it");
  Manner manner = arguments.manner;
  manner.now =
      arguments.time.value_or(static_cast<std::uint64_t>(RealClock().wall_us() / 1'000'000));
  std::string fields;
  for (const Arguments::Selector& one : arguments.selectors) {
    const Result<Key> key =
        one.file.empty() ? keys.read(*domain, one.name) : read_key_file(fs, one.file);
    if (!key) return std::unexpected(key.error());
    const auto field = signature_field({*domain, one.name, &*key}, manner,
                                       message.header().fields(), message.body_hash());
    if (!field) return std::unexpected(field.error());
    fields += line_end.as_here(*field);
  }
  const Result<> written = fs.write_all(streams.out, fields);
  if (!written || !arguments.whole) return written;
  return write_again(fs, streams.copy ? streams.copy.get() : streams.in, begin, streams.out);
}

} // namespace waypost::dkim
