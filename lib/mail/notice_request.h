// Notice requests: the format on the pipes between waypost-qmgr and waypost-bounce, which is a
// filter: requests in, notices out.
//
// request  type=notice kind= id= name= hostname= sender= postmaster= arrival= expires= now= envid=
//          utf8=1 full=1 lost=1 unlisted=N
//          bytes=N { rcpt=N to= notify= orcpt= attempted= transport= host= address= outcome= class=
//          code= status= reply= tried=0 }... and then one netstring of those bytes: the original's
//          header section, or all of it when full=1.
// answer   type=notice id= bytes=N   and then one netstring: the whole notice, header and body,
//          lines ending with CRLF,
//     or   type=notice id= error=WHY
// Times are microseconds since 1970; a field that is empty, zero or false may be absent. `rcpt`
// begins a recipient's group; its number only counts the groups.
// The program only renders. It opens nothing; the manager writes the envelope and creates the
// message under its derived name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/mail/envelope.h"
#include "lib/mail/outcome.h"
#include "lib/mail/record.h"
#include "lib/sys/clock.h"

namespace waypost {

enum class NoticeKind : std::uint8_t { failure, delay, success, relayed };

struct NoticeRecipient {
  EnvelopeRecipient recipient;
  WallUs attempted = 0; // the last attempt; 0: none was made
  std::string transport;
  std::string host; // Remote-MTA; empty when none was reached
  std::string address;
  Outcome outcome;
};

struct NoticeRequest {
  NoticeKind kind = NoticeKind::failure;
  std::string id;       // of the original message
  std::string name;     // of the notice itself, "ID.b1": its Message-ID is made from it
  std::string hostname; // Reporting-MTA
  std::string
      to; // who gets the notice: the envelope sender, or the postmaster for a notice that failed
  std::string postmaster; // whom a person may ask; empty: nobody is named
  WallUs arrival = 0;
  WallUs expires = 0; // delay notices: when waypost will give up
  WallUs now = 0;
  std::string envid;
  bool utf8 = false;          // the original needs SMTPUTF8: message/global forms (RFC 6533)
  bool full = false;          // the whole original is returned, not its header alone
  bool lost = false;          // the original is itself a notice, and `to` the postmaster
  std::uint64_t unlisted = 0; // recipients whom it concerns too, but who are not among these
  std::vector<NoticeRecipient> recipients;
  std::string original; // bytes after the record
};

// Without the original, with bytes=. Replies are cut so that they take 8 MiB together; a hundred
// recipients keep theirs whole in any case.
[[nodiscard]] Record to_record(const NoticeRequest& request);
// Without the original: the caller reads the netstring of bytes= that follows. Every address is
// checked; an error names the field that is wrong.
[[nodiscard]] Result<NoticeRequest> notice_request(const Record& record);

inline constexpr std::size_t kMaxNoticeFrame = std::size_t{32} << 20;
// Within these two bounds a request, and the notice that is made of it, always fit into a frame,
// whatever servers said and hosts are called.
inline constexpr std::size_t kMaxNoticeRecipients = 30'000;
inline constexpr std::size_t kMaxNoticeAddresses = std::size_t{4} << 20; // sum of notice_weight()
inline constexpr std::size_t kAllNoticeReplies = std::size_t{8} << 20;   // bytes of all together
inline constexpr std::size_t kMaxReturnedFull =
    50 * 1024; // RET=FULL above it returns the header alone
inline constexpr std::size_t kMaxReturnedHeader =
    64 * 1024; // a longer header section is cut at a line

// The bytes that a recipient's addresses may take in a notice.
[[nodiscard]] std::size_t notice_weight(const EnvelopeRecipient& recipient);

[[nodiscard]] std::string_view name(NoticeKind);
[[nodiscard]] std::optional<NoticeKind> parse_notice_kind(std::string_view);

} // namespace waypost
