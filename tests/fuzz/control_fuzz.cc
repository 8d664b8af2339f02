// Any answers from the control socket: the commands refuse them or show them, and what they show
// holds no control character and no line that a remote server could have forged.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/sys/fd.h"
#include "lib/sys/text.h"
#include "queue/commands/control_client.h"
#include "queue/commands/list_output.h"
#include "queue/commands/story.h"
#include "queue/commands/transport_table.h"

using namespace waypost;
using namespace waypost::queue;

namespace {

void check_printable(std::string_view text) {
  for (const std::string_view line : split(text, '\n')) {
    if (printable(line) != line) std::abort();
  }
}

void check_json(const std::string& line) {
  if (!line.starts_with('{') || !line.ends_with('}')) std::abort();
  if (printable(line) != line) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Fd answers(::memfd_create("answers", MFD_CLOEXEC));
  if (::write(answers.get(), data, size) != static_cast<ssize_t>(size)) return 0;
  ::lseek(answers.get(), 0, SEEK_SET);
  Story story;
  TransportTable table;
  RowCollector rows([](const MessageRow& row) {
    check_json(list_json(row));
    check_printable(list_line(row, 0));
  });
  const auto ending = read_answers(answers.get(), [&](const Record& answer, std::string_view) {
    const Result<> row = answer.get("type") == "message" ? rows.take(answer) : Result<>();
    const Result<> told = story.take(answer);
    if (const Result<> listed = table.take(answer); !listed) return listed;
    return row ? told : row;
  });
  rows.end();
  for (const bool running : {false, true}) {
    for (const std::string& line : table.lines(running, 1'800'000'000'000'000))
      check_printable(line);
    for (const std::string& line : table.json(running, 1'800'000'000'000'000))
      check_json(line);
  }
  story.end();
  check_printable(story.text(0));
  story.json(check_json);
  check_printable(story.dialogues());
  story.dialogues_json(check_json);
  if (ending && ending->status != 0 && ending->status != 100 && ending->status != 111) std::abort();
  return 0;
}
