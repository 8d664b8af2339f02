// Any notice request and any original: the request is refused or read, and what is rendered is a
// well-formed notice of three parts with a group for each recipient, however replies, addresses and
// the original imitate its boundary, its fields or its line ends.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "lib/sys/netstring.h"
#include "lib/sys/text.h"
#include "queue/bounce/mime.h"
#include "queue/bounce/notice.h"

using namespace waypost;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

// The value of a field in a header section; fails when it is not there exactly once.
std::string field(const std::string& header, const std::string& name) {
  const std::string text = "\r\n" + header;
  const std::string mark = "\r\n" + name + ":";
  const std::size_t at = text.find(mark);
  check(at != std::string::npos && text.find(mark, at + 1) == std::string::npos);
  std::string value;
  std::size_t from = at + mark.size();
  std::size_t end = text.find("\r\n", from);
  value = text.substr(from, end - from);
  while (end != std::string::npos && end + 2 < text.size() && text[end + 2] == ' ') {
    from = end + 2;
    end = text.find("\r\n", from);
    value += text.substr(from, end - from);
  }
  return std::string(trim(value));
}

struct Part {
  std::string header; // ends with CRLF
  std::string content;
};

std::vector<Part> parts_of(const std::string& body, const std::string& boundary) {
  std::vector<Part> parts;
  const std::string mark = "\r\n--" + boundary;
  std::size_t at = body.find(mark);
  check(at != std::string::npos);
  while (body.substr(at + mark.size(), 2) == "\r\n") {
    const std::size_t from = at + mark.size() + 2;
    at = body.find(mark, from);
    check(at != std::string::npos);
    const std::string part = body.substr(from, at - from);
    const std::size_t end = part.find("\r\n\r\n");
    check(end != std::string::npos);
    parts.push_back({part.substr(0, end + 2), part.substr(end + 4)});
  }
  check(body.substr(at) == mark + "--\r\n");
  return parts;
}

int digit(char c) {
  const std::size_t at = std::string_view("0123456789ABCDEF").find(c);
  check(at != std::string_view::npos);
  return static_cast<int>(at);
}

std::string decoded(const Part& part) {
  const std::string encoding = field(part.header, "Content-Transfer-Encoding");
  if (encoding == "7bit") {
    check(queue::seven_bit_safe(part.content));
    return part.content;
  }
  check(encoding == "quoted-printable" && queue::seven_bit_safe(part.content));
  std::string out;
  for (std::size_t i = 0; i < part.content.size(); ++i) {
    if (part.content[i] != '=') {
      out += part.content[i];
    } else if (part.content.substr(i + 1, 2) == "\r\n") {
      i += 2;
    } else {
      check(i + 2 < part.content.size());
      out += static_cast<char>(digit(part.content[i + 1]) * 16 + digit(part.content[i + 2]));
      i += 2;
    }
  }
  return out;
}

// For people: UTF-8 in lines, with nothing that moves a cursor.
void check_text(const Part& part) {
  check(field(part.header, "Content-Type") == "text/plain; charset=utf-8");
  const std::string text = decoded(part);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = cut(rest, '\n');
    check(line.size() <= 999 && line.ends_with('\r'));
    check(printable(line.substr(0, line.size() - 1)) == line.substr(0, line.size() - 1));
  }
}

// For programs: a group for the message and one for each recipient, and no field but ours.
void check_status(const Part& part, const NoticeRequest& request) {
  constexpr std::array<std::string_view, 12> kFields{"Original-Envelope-Id:",
                                                     "Reporting-MTA:",
                                                     "Arrival-Date:",
                                                     "X-Waypost-Id:",
                                                     "Original-Recipient:",
                                                     "Final-Recipient:",
                                                     "Action:",
                                                     "Status:",
                                                     "Remote-MTA:",
                                                     "Diagnostic-Code:",
                                                     "Last-Attempt-Date:",
                                                     "Will-Retry-Until:"};
  std::string status = decoded(part);
  std::vector<std::string> groups(1);
  std::string_view rest = status;
  while (!rest.empty()) {
    const std::string_view line = cut(rest, '\n');
    check(line.ends_with('\r'));
    if (line == "\r") {
      groups.emplace_back();
      continue;
    }
    const auto begins = [&](std::string_view name) { return line.starts_with(name); };
    check(line.starts_with(' ') || std::ranges::any_of(kFields, begins));
    groups.back() += std::string(line) + '\n';
  }
  check(groups.size() == request.recipients.size() + 1);
  check(field(groups.front(), "Reporting-MTA").starts_with("dns; "));
  for (std::size_t i = 1; i < groups.size(); ++i) {
    check(!field(groups[i], "Final-Recipient").empty());
    check(!field(groups[i], "Action").empty());
    const auto code = EnhancedCode::parse(field(groups[i], "Status"));
    check(code.has_value() && (code->klass == 2 || code->klass == 4 || code->klass == 5));
  }
}

void check_notice(const std::string& notice, const NoticeRequest& request) {
  // A returned message may be 8bit; nothing else is, and no line is too long or ends otherwise.
  check(queue::eight_bit_safe(notice));
  const std::size_t end = notice.find("\r\n\r\n");
  check(end != std::string::npos);
  const std::string header = notice.substr(0, end + 2);
  for (const char* name : {"Date", "From", "To", "Subject", "Message-ID", "MIME-Version"})
    check(!field(header, name).empty());
  check(field(header, "Auto-Submitted") == "auto-replied");
  const std::string type = field(header, "Content-Type");
  check(type.starts_with("multipart/report; report-type=delivery-status;"));
  const std::size_t at = type.find("boundary=\"") + 10;
  const std::vector<Part> parts =
      parts_of(notice.substr(end + 2), type.substr(at, type.find('"', at) - at));
  check(parts.size() == 3);
  check_text(parts[0]);
  check_status(parts[1], request);
  const bool whole = field(parts[2].header, "Content-Type") == "message/rfc822";
  check(whole ? request.full : decoded(parts[2]).size() + 2 >= parts[2].content.size() / 4);
}

bool within_bounds(const NoticeRequest& request) {
  std::size_t weight = 0;
  for (const NoticeRecipient& one : request.recipients)
    weight += notice_weight(one.recipient);
  return request.recipients.size() <= kMaxNoticeRecipients && weight <= kMaxNoticeAddresses;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto payload = take_netstring(rest, kMaxNoticeFrame);
  if (!payload || !*payload) return 0;
  const Result<Record> record = Record::decode(**payload);
  if (!record) return 0;
  Result<NoticeRequest> request = notice_request(*record);
  if (!request) return 0;
  const Result<NoticeRequest> again = notice_request(to_record(*request));
  check(again && again->recipients.size() == request->recipients.size());
  request->original = rest;
  const Result<std::string> notice = queue::render_notice(*request);
  check(notice.has_value() || !within_bounds(*request));
  if (notice) check_notice(*notice, *request);
  return 0;
}
