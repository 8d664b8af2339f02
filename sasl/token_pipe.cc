#include "sasl/token_pipe.h"

#include "lib/sys/text.h"

namespace waypost::sasl {

Record to_record(const TokenRun& run) {
  Record record;
  record.add("type", "run").add_number("number", run.number).add("credential", run.credential);
  for (const std::string& word : run.words)
    record.add("word", word);
  return record;
}

Result<TokenRun> token_run(const Record& record) {
  const auto number = record.number("number");
  if (record.get("type") != "run" || !number) return fail("token: no request");
  TokenRun run{*number, std::string(record.get("credential")), {}};
  for (std::size_t i = 0; i < record.size(); ++i) {
    if (record.field(i).key == "word") run.words.emplace_back(record.field(i).value);
  }
  if (run.words.empty() || !run.words.front().starts_with('/')) return fail("token: no command");
  return run;
}

std::string answer_head(std::uint64_t number, bool good) {
  return std::to_string(number) + (good ? " output\n" : " failed\n");
}

Result<TokenAnswer> token_answer(std::string_view packet) {
  std::string_view rest = packet;
  std::string_view head = cut(rest, '\n');
  const auto number = parse_number(cut(head, ' '));
  if (!number || (head != "output" && head != "failed")) return fail("token: no answer");
  return TokenAnswer{*number, head == "output", rest};
}

} // namespace waypost::sasl
