#include "queue/commands/overlay_words.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kMostShown = 200;
constexpr std::string_view kFolds = " \t\r\n";

// Each field unfolded: with its name, without the line end.
std::vector<std::string> fields_of(std::string_view header) {
  std::vector<std::string> fields;
  for (std::string_view line : split(header, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const bool continues = kFolds.contains(line.front()) && !fields.empty();
    if (continues) fields.back() += line;
    if (!continues) fields.emplace_back(line);
  }
  return fields;
}

bool is_named(std::string_view field, std::string_view name) {
  const std::size_t colon = field.find(':');
  return colon != std::string_view::npos &&
         equal_ignoring_case(trim(field.substr(0, colon), kFolds), name);
}

// RFC 6376 3.2: the tag's value, in a list with ';' between.
std::string tag(std::string_view field, std::string_view name) {
  for (const std::string_view one : split(field.substr(field.find(':') + 1), ';')) {
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos || trim(one.substr(0, equals), kFolds) != name) continue;
    return std::string(trim(one.substr(equals + 1), kFolds));
  }
  return {};
}

std::string signature_words(std::string_view signature) {
  std::string domain;
  std::string selectors;
  for (const std::string& field : fields_of(signature)) {
    if (!is_named(field, "DKIM-Signature")) continue;
    domain = tag(field, "d");
    selectors += (selectors.empty() ? "" : ", ") + tag(field, "s");
  }
  if (domain.empty()) return "signature made";
  return "signed for " + printable(domain) + " with " + printable(selectors);
}

std::string header_words(const Overlay& overlay) {
  if (overlay.skip == 0) return "header as it was handed in";
  for (const std::string& field : fields_of(overlay.bytes))
    if (is_named(field, "From"))
      return "header rewritten, " + printable(field.substr(0, kMostShown));
  return "header rewritten";
}

} // namespace

std::string_view part_word(Overlay::Part part) {
  switch (part) {
  case Overlay::Part::headers: return "headers";
  case Overlay::Part::signature: return "signature";
  case Overlay::Part::sender: return "sender";
  }
  return "";
}

std::string overlay_words(const Overlay& overlay) {
  switch (overlay.part) {
  case Overlay::Part::headers: return header_words(overlay);
  case Overlay::Part::signature: return signature_words(overlay.bytes);
  case Overlay::Part::sender:
    if (overlay.bytes.empty()) return "leaves as from whom it was handed in";
    return "leaves as from " + printable(overlay.bytes);
  }
  return {};
}

} // namespace waypost::queue
