#include "smtpd/completion.h"

#include <array>
#include <cstdint>
#include <optional>
#include <sys/random.h>

#include "lib/mail/date.h"
#include "lib/mail/message_id.h"
#include "lib/sys/text.h"

namespace waypost::smtpd {
namespace {

constexpr std::array<std::string_view, 3> kNames{"Date", "From", "Message-ID"};

struct Section {
  std::array<bool, kNames.size()> has{};
  bool any = false;     // a field
  bool divided = false; // from the body, by an empty line
};

// RFC 5322 2.2, and 4.5 for white space before the colon. Empty: the line begins no field.
std::string_view field_name(std::string_view line) {
  std::size_t length = 0;
  while (length < line.size() && line[length] > ' ' && line[length] < 0x7F && line[length] != ':')
    ++length;
  const std::size_t colon = line.find_first_not_of(" \t", length);
  const bool field = colon != std::string_view::npos && line[colon] == ':';
  return line.substr(0, field ? length : 0);
}

// None: it does not end here.
std::optional<Section> section_of(std::string_view rest, bool whole) {
  Section section;
  while (!rest.empty()) {
    if (!whole && rest.find('\n') == std::string_view::npos) return std::nullopt;
    std::string_view line = cut(rest, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    section.divided = line.empty();
    if (line.empty()) return section;
    if (section.any && (line.front() == ' ' || line.front() == '\t')) continue;
    const std::string_view name = field_name(line);
    if (name.empty()) return section;
    section.any = true;
    for (std::size_t i = 0; i < kNames.size(); ++i)
      section.has[i] = section.has[i] || equal_ignoring_case(name, kNames[i]);
  }
  if (!whole) return std::nullopt;
  return section;
}

std::string message_id(const Completion& completion) {
  std::uint32_t random = 0;
  [[maybe_unused]] const ssize_t n = ::getrandom(&random, sizeof random, 0);
  return "<" + MessageId::make(completion.now, random).text() + "@" + completion.hostname + ">";
}

std::string author(const Completion& completion) {
  if (!completion.sender.empty()) return completion.sender;
  return "Mail Delivery System <MAILER-DAEMON@" + completion.hostname + ">";
}

} // namespace

std::string missing_fields(std::string_view begin, bool whole, const Completion& completion) {
  const std::optional<Section> section = section_of(begin, whole);
  if (!section) return {};
  const std::array<std::string, kNames.size()> values{rfc5322_date(completion.now),
                                                      author(completion), message_id(completion)};
  std::string fields;
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (!section->has[i]) fields += std::string(kNames[i]) + ": " + values[i] + "\r\n";
  if (!section->any && !section->divided) fields += "\r\n";
  return fields;
}

} // namespace waypost::smtpd
