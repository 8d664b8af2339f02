#include "queue/bounce/original.h"

#include "lib/mail/notice_request.h"
#include "lib/sys/text.h"
#include "queue/bounce/mime.h"

namespace waypost::queue {

std::string_view header_section(std::string_view message) {
  if (message.starts_with("\r\n")) return {};
  const std::size_t end = message.find("\r\n\r\n");
  if (end != std::string_view::npos) message = message.substr(0, end + 2);
  if (message.size() > kMaxReturnedHeader) message = message.substr(0, kMaxReturnedHeader);
  const std::size_t last = message.rfind("\r\n");
  return last == std::string_view::npos ? std::string_view() : message.substr(0, last + 2);
}

std::string header_field(std::string_view message, std::string_view name) {
  std::string_view rest = header_section(message);
  std::string value;
  bool found = false;
  while (!rest.empty()) {
    std::string_view line = cut(rest, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool continued = line.starts_with(' ') || line.starts_with('\t');
    if (found && !continued) break;
    if (found) {
      value += ' ';
      value += trim(line);
    } else if (!continued && line.size() > name.size() && line[name.size()] == ':' &&
               equal_ignoring_case(line.substr(0, name.size()), name)) {
      found = true;
      value = trim(line.substr(name.size() + 1));
    }
  }
  return value;
}

BodyPart encoded_part(std::string_view description, std::string_view type, std::string content) {
  BodyPart part;
  append_field(part.header, "Content-Description", description);
  append_field(part.header, "Content-Type", type);
  const bool plain = seven_bit_safe(content);
  append_field(part.header, "Content-Transfer-Encoding", plain ? "7bit" : "quoted-printable");
  part.content = plain ? std::move(content) : quoted_printable(content);
  if (!part.content.ends_with("\r\n")) part.content += "\r\n";
  return part;
}

BodyPart returned_part(std::string_view original, bool full, bool global) {
  if (full && global)
    return encoded_part("Undelivered message", "message/global", std::string(original));
  if (full && eight_bit_safe(original)) {
    // RFC 2046 5.2.1: message/rfc822 is never encoded, only declared.
    BodyPart part;
    part.eight_bit = !seven_bit_safe(original);
    append_field(part.header, "Content-Description", "Undelivered message");
    append_field(part.header, "Content-Type", "message/rfc822");
    append_field(part.header, "Content-Transfer-Encoding", part.eight_bit ? "8bit" : "7bit");
    part.content = original;
    if (!part.content.ends_with("\r\n")) part.content += "\r\n";
    return part;
  }
  // RFC 6522 4: headers that are not 7bit may be quoted-printable.
  return encoded_part("Undelivered message's header",
                      global ? "message/global-headers" : "text/rfc822-headers",
                      std::string(header_section(original)));
}

} // namespace waypost::queue
