#include "sasl/filter.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

#include "lib/sys/fs.h"

namespace waypost::sasl {

Result<Record> record_of_line(std::string_view line) {
  if (line.find('\0') != std::string_view::npos) return fail("a NUL in a line");
  std::string bytes(line);
  std::ranges::replace(bytes, '\t', '\0');
  if (!bytes.empty()) bytes += '\0';
  return Record::decode(bytes);
}

std::string line_of(const Record& record) {
  std::string line = record.encode();
  // No value of ours holds a tab or a newline; one that did would be cut into fields or lines.
  std::ranges::replace(line, '\t', ' ');
  std::ranges::replace(line, '\n', ' ');
  std::ranges::replace(line, '\0', '\t');
  if (!line.empty()) line.back() = '\n';
  return line;
}

Result<std::string> Filter::take(std::string_view line) {
  const Result<Record> record = record_of_line(line);
  if (!record) return std::unexpected(record.error());
  if (!oracle_) {
    Result<LoginScope> scope = login_scope(*record);
    if (!scope) return std::unexpected(scope.error());
    oracle_.emplace(std::move(*scope), vault_);
    return std::string();
  }
  const Result<LoginQuery> query = login_query(*record);
  if (!query) return std::unexpected(query.error());
  const std::optional<LoginAnswer> answer = oracle_->answer(*query);
  if (answer) return line_of(to_record(*answer));
  if (!oracle_->waits()) return std::string();
  const Result<LoginAnswer> late = wait_for_answer();
  if (!late) return std::unexpected(late.error());
  return line_of(to_record(*late));
}

// One query at a time: nobody is kept waiting by that.
Result<LoginAnswer> Filter::wait_for_answer() {
  for (;;) {
    if (!vault_.derivations.idle()) {
      vault_.derivations.step();
    } else if (!vault_.tokens.running() || !line_.receive(vault_.tokens)) {
      return fail_errno("waypost-token is gone", EPIPE);
    }
    std::vector<LoginAnswer> answers = oracle_->retry();
    if (!answers.empty()) return std::move(answers.front());
  }
}

Result<> run_filter(Vault& vault, const TokenLine& line, int in, int out) {
  Filter filter(vault, line);
  RealFs fs;
  std::string waiting;
  char block[4096];
  for (;;) {
    const ssize_t got = ::read(in, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read");
    if (got == 0) return waiting.empty() ? Result<>() : fail("the last line has no end");
    waiting.append(block, static_cast<std::size_t>(got));
    for (std::size_t end = waiting.find('\n'); end != std::string::npos; end = waiting.find('\n')) {
      Result<std::string> answer = filter.take(std::string_view(waiting).substr(0, end));
      if (!answer) return std::unexpected(answer.error());
      waiting.erase(0, end + 1);
      const Result<> written = fs.write_all(out, *answer);
      wipe(*answer);
      if (!written) return written;
    }
    if (waiting.size() > Filter::kMaxLine) return fail("a line is too long");
  }
}

} // namespace waypost::sasl
