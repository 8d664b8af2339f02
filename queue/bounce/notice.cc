#include "queue/bounce/notice.h"

#include <algorithm>

#include "lib/mail/date.h"
#include "lib/sys/text.h"
#include "queue/bounce/delivery_status.h"
#include "queue/bounce/explanation.h"
#include "queue/bounce/mime.h"
#include "queue/bounce/original.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kLongestAddress = 900; // that a header line of 998 bytes can take

bool all_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// RFC 6533 4: the status needs its international form for what it names, and for nothing else.
bool global_status(const NoticeRequest& request) {
  const auto foreign = [](const NoticeRecipient& one) { return !one.recipient.address.ascii(); };
  return !all_ascii(request.hostname) || std::ranges::any_of(request.recipients, foreign);
}

// RFC 6532 3.7: a message with UTF-8 in its header, handed in as one, is a message/global. Older
// programs put any bytes there; they get back what they know.
bool global_original(const NoticeRequest& request, bool status_is_global) {
  const std::string_view header = header_section(request.original);
  return (request.utf8 || status_is_global) && !all_ascii(header) && valid_utf8(header);
}

// The name of the notice itself; made from the original's when the request does not give it.
std::string notice_name(const NoticeRequest& request) {
  if (!request.name.empty()) return request.name;
  return request.id + '.' + std::string(name(request.kind));
}

// The original's Message-ID where it is one that may stand in a header of ours.
std::string references(const NoticeRequest& request) {
  std::string id = header_field(request.original, "message-id");
  const bool whole = id.size() > 2 && id.size() <= 250 && id.front() == '<' && id.back() == '>';
  const auto plain = [](char c) { return c > ' ' && c < 0x7F; };
  if (!whole || !std::ranges::all_of(id, plain)) return {};
  return id;
}

std::string addressee(const NoticeRequest& request) {
  if (request.to.size() > kLongestAddress) return "undisclosed-recipients:;";
  const bool bare = request.to.find('@') == std::string::npos;
  return printable(request.to) + (bare ? '@' + printable(request.hostname) : "");
}

std::string header(const NoticeRequest& request, std::string_view boundary, bool eight_bit) {
  const std::string host = printable(request.hostname);
  std::string out;
  append_field(out, "Date", rfc5322_date(request.now));
  append_field(out, "From", "Mail Delivery System <MAILER-DAEMON@" + host + ">");
  append_field(out, "To", addressee(request));
  append_field(out, "Subject", subject(request));
  append_field(out, "Message-ID", '<' + notice_name(request) + '@' + host + '>');
  const std::string original = references(request);
  if (!original.empty()) {
    append_field(out, "In-Reply-To", original);
    append_field(out, "References", original);
  }
  // RFC 3834 5.2, and 5.1: no program answers a notice.
  append_field(out, "Auto-Submitted", "auto-replied");
  append_field(out, "MIME-Version", "1.0");
  append_field(out, "Content-Type",
               "multipart/report; report-type=delivery-status; boundary=\"" +
                   std::string(boundary) + '"');
  append_field(out, "Content-Transfer-Encoding", eight_bit ? "8bit" : "7bit");
  return out;
}

} // namespace

Result<std::string> render_notice(const NoticeRequest& request) {
  const bool global = global_status(request);
  const BodyPart text =
      encoded_part("Notification", "text/plain; charset=utf-8", explanation(request));
  const BodyPart status = encoded_part(
      "Delivery report", global ? "message/global-delivery-status" : "message/delivery-status",
      delivery_status(request, global));
  const BodyPart original =
      returned_part(request.original, request.full, global_original(request, global));

  const std::string boundary = boundary_for(
      notice_name(request), {text.content, status.content, original.header, original.content});
  std::string out = header(request, boundary, original.eight_bit);
  out += "\r\nThis is a delivery status notification in MIME format (RFC 3464).\r\n\r\n";
  for (const BodyPart* part : {&text, &status, &original}) {
    out += "--" + boundary + "\r\n";
    out += part->header;
    out += "\r\n";
    out += part->content;
    out += "\r\n";
  }
  out += "--" + boundary + "--\r\n";
  if (out.size() > kMaxNoticeFrame) return fail("the notice would be longer than 32 MiB");
  return out;
}

} // namespace waypost::queue
