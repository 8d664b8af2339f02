// A saved `waypost list --json` from arbitrary bytes: each line is a message or an error that
// prints safely, and what is taken can be asked about, compared and told. What the reader of JSON
// accepts, it accepts again from our own writer.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include "lib/sys/fd.h"
#include "lib/sys/json.h"
#include "lib/sys/json_reader.h"
#include "lib/sys/text.h"
#include "route/configuration.h"
#include "route/simulation_output.h"

using namespace waypost;
using namespace waypost::route;

namespace {

Routes routes(std::string_view rules) {
  auto snapshot = configure(rules, "waypost.toml");
  if (!snapshot) std::abort();
  snapshot->settings.generation = 1;
  return Routes(std::move(*snapshot));
}

const Routes& before() {
  static const Routes all = routes("");
  return all;
}

const Routes& after() {
  static const Routes all = routes("[transport.relay]\ntype = \"smtp\"\nhost = \"h\"\n"
                                   "[[account.a.route]]\ntransport = \"relay\"\n"
                                   "[[route]]\nafter = [\"blocked\"]\ntransport = \"relay\"\n"
                                   "[[route]]\nattempt = 3\ntransport = \"relay\"\n");
  return all;
}

void check_text(const std::string& text) {
  for (const std::string_view line : split(text, '\n')) {
    if (printable(line) != line) std::abort();
  }
}

void check_json(const std::string& text) {
  for (const std::string_view line : split(text, '\n')) {
    JsonReader in(line);
    if (!line.empty() && (!in.skip() || !in.end())) std::abort();
  }
}

// A text read and written is the same text.
void check_reader(std::string_view line) {
  JsonReader in(line);
  std::string text;
  if (!in.text(text)) return;
  const std::string written = json_string(text);
  JsonReader again(written);
  std::string read;
  if (!again.text(read) || !again.end() || read != text) std::abort();
}

// The file as a whole, which ends at the first line that is none.
void check_file(std::string_view bytes) {
  const Fd file(::memfd_create("listing", MFD_CLOEXEC));
  if (::write(file.get(), bytes.data(), bytes.size()) < 0) return;
  ::lseek(file.get(), 0, SEEK_SET);
  const Result<> read = read_listing(file.get(), [](const WaitingMessage&) {});
  if (!read) check_text(read.error().text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_file({reinterpret_cast<const char*>(data), size});
  Simulation simulation(before(), after(), true);
  for (const std::string_view line : split({reinterpret_cast<const char*>(data), size}, '\n')) {
    check_reader(line);
    const auto message = read_listed(line);
    if (message) {
      simulation.take(*message);
    } else {
      check_text(message.error().text);
    }
  }
  check_text(simulation_text(simulation));
  check_json(simulation_json(simulation));
  return 0;
}
