// submit.toml from arbitrary bytes: complaints have a line of the file and print safely; what is
// accepted has a host, and never a login without a way to the password.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/sys/text.h"
#include "submit/config.h"

using namespace waypost;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto config = submit::read_submit_config(text, "submit.toml");
  if (config) {
    const bool way = !config->password_command.empty() || !config->password_file.empty() ||
                     config->transport.credential != submit::kOwnSecret;
    if (config->transport.host.empty()) std::abort();
    if (config->transport.credential.empty() != config->transport.user.empty() &&
        config->transport.mechanisms.empty())
      std::abort();
    if (!way && !config->transport.credential.empty() &&
        text.find("credential") == std::string_view::npos)
      std::abort();
    return 0;
  }
  const auto lines = static_cast<unsigned>(std::ranges::count(text, '\n')) + 1;
  for (const route::Complaint& one : config.error())
    if (one.line == 0 || one.line > lines || printable(one.text) != one.text) std::abort();
  return 0;
}
