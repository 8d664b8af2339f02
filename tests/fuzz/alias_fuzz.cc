// The alias file against any bytes: parsing ends, what it names can be named again, and no included
// list and no address becomes a command.
#include <cstdlib>

#include "lib/mail/address.h"
#include "lib/mail/alias_file.h"

using namespace waypost;

namespace {

void expect(bool good) {
  if (!good) std::abort();
}

void look_at(const AliasTarget& target, const AliasFile& file) {
  switch (target.kind) {
  case AliasTarget::Kind::command: {
    const auto words = split_command(target.text);
    expect(words.has_value() && words->front().starts_with('/'));
    [[fallthrough]];
  }
  case AliasTarget::Kind::file: {
    expect(file.names(target));
    const auto address = Address::parse(local_part_of(target) + "@localhost");
    expect(address.has_value());
    expect(target_of_local_part(address->local()) == target);
    return;
  }
  case AliasTarget::Kind::include: expect(target.text.starts_with('/')); return;
  case AliasTarget::Kind::address: {
    const bool last = target.text.starts_with('\\');
    expect(Address::parse(last ? target.text.substr(1) : target.text).has_value());
  }
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const AliasFile file = AliasFile::parse(text);
  for (const AliasFile::Wrong& one : file.errors())
    expect(one.line > 0 && !one.text.empty());
  for (const char* name : {"root", "a", "list"}) {
    const Alias* const alias = file.find(name);
    if (alias == nullptr) continue;
    expect(alias->line > 0 && (alias->targets.empty() != alias->error.empty()));
    for (const AliasTarget& one : alias->targets)
      look_at(one, file);
  }
  static_cast<void>(parse_alias_list(text));
  const std::string local = unquoted_local_part(text);
  static_cast<void>(target_of_local_part(local));
  return 0;
}
