// What the mailbox providers of the whole world answer, and what it means.

#include <criterion/criterion.h>

#include <array>

#include "tests/unit/deliver/real_replies.h"

using namespace waypost;
using namespace waypost::deliver;
using namespace waypost::deliver::words;

Test(real_replies, of_gmail) {
  expect_classes(std::to_array<RealReply>({
      // https://support.google.com/a/answer/3726730
      {"gmail: TLS required", Stage::rcpt,
       "421 4.7.0 TLS required for RCPT domain, closing connection.", tls, deferred},
      // https://support.google.com/a/answer/3726730
      {"gmail: STARTTLS first", Stage::mail, "530 5.7.0 Must issue a STARTTLS command first.", tls,
       failed},
      // https://support.google.com/a/answer/3726730
      {"gmail: not in whitelist", Stage::rcpt,
       "421 4.7.0 IP not in whitelist for RCPT domain, closing connection.", blocked, deferred},
      // https://smtp.codes/google
      {"gmail: unusual rate of our address", Stage::final_dot,
       "421-4.7.28 [192.0.2.1] Our system has detected an unusual rate of\n"
       "421-4.7.28 unsolicited mail originating from your IP address. To protect our\n"
       "421-4.7.28 users from spam, mail sent from your IP address has been temporarily\n"
       "421-4.7.28 rate limited. Please visit\n"
       "421 4.7.28 https://support.google.com/mail/?p=UnsolicitedRateLimitError to - gsmtp",
       rate, deferred},
      // https://support.google.com/a/answer/3726730: the same for good
      {"gmail: rate, blocked for good", Stage::final_dot,
       "550-5.7.28 There is an unusual rate of unsolicited mail originating from your IP\n"
       "550-5.7.28 address. To protect our users from spam, mail sent from your IP address\n"
       "550 5.7.28 has been blocked.",
       blocked, failed},
      // https://smtp.codes/google: of the domain, which another address would not change
      {"gmail: reputation of the domain", Stage::final_dot,
       "421-4.7.0 [192.0.2.1] Our system has detected that this message is\n"
       "421-4.7.0 suspicious due to the very low reputation of the\n"
       "421-4.7.0 sending domain. To best protect our users from spam, the message has\n"
       "421 4.7.0 been blocked. - gsmtp",
       content, deferred},
      // https://support.google.com/a/answer/3726730: of the address
      {"gmail: reputation of the address", Stage::final_dot,
       "550-5.7.1 [192.0.2.1] Our system has detected that this message is likely\n"
       "550-5.7.1 suspicious due to the very low reputation of the sending IP address.\n"
       "550-5.7.1 To best protect our users from spam, the message has been blocked.\n"
       "550 5.7.1 Please visit https://support.google.com/mail/answer/188131 - gsmtp",
       blocked, failed},
      // https://smtp.codes/google
      {"gmail: nature of the content", Stage::final_dot,
       "421 4.7.0 [192.0.2.1] Our system has detected that this message is suspicious due to the "
       "nature of the content and/or the links within. To best protect our users from spam, the "
       "message has been blocked. - gsmtp",
       content, deferred},
      // https://smtpfieldmanual.com/provider/google
      {"gmail: unsolicited", Stage::final_dot,
       "550 5.7.1 [192.0.2.1] Our system has detected that this message is likely unsolicited "
       "mail. To reduce the amount of spam sent to Gmail, this message has been blocked. Please "
       "visit https://support.google.com/mail/?p=UnsolicitedMessageError - gsmtp",
       content, failed},
      // https://support.google.com/a/answer/3726730
      {"gmail: dynamic address", Stage::final_dot,
       "550-5.7.1 The IP you're using to send mail is not authorized to send email\n"
       "550-5.7.1 directly to our servers. Please use the SMTP relay at your service\n"
       "550 5.7.1 provider instead.",
       blocked, failed},
      // https://github.com/sisimai/set-of-emails
      {"gmail: unauthenticated", Stage::final_dot,
       "550-5.7.26 This mail has been blocked because the sender is unauthenticated.\n"
       "550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.\n"
       "550 5.7.26 https://support.google.com/mail/answer/81126#authentication - gsmtp",
       auth, failed},
      // https://github.com/sisimai/set-of-emails
      {"gmail: DMARC", Stage::final_dot,
       "550-5.7.26 Unauthenticated email from example.org is not accepted due to\n"
       "550-5.7.26 domain's DMARC policy. Please contact the administrator of\n"
       "550 5.7.26 example.org domain if this was a legitimate mail. - gsmtp",
       auth, failed},
      // https://support.google.com/a/answer/3726730: a rate in its words, SPF in its matter
      {"gmail: rate for mail without SPF", Stage::final_dot,
       "421 4.7.27 Your email has been rate limited because SPF authentication didn't pass for "
       "this message. Gmail requires all bulk email senders to authenticate their email with SPF.",
       auth, deferred},
      // https://support.google.com/a/answer/3726730: and here TLS
      {"gmail: rate for mail without TLS", Stage::final_dot,
       "421 4.7.29 Your email has been rate limited because this message wasn't sent over a TLS "
       "connection. Gmail requires all bulk email senders to use TLS/SSL for SMTP connections.",
       tls, deferred},
      // https://support.google.com/a/answer/3726730
      {"gmail: no PTR record", Stage::final_dot,
       "550-5.7.25 [192.0.2.1] The IP address sending this message does not have a PTR\n"
       "550 5.7.25 record setup, or the corresponding forward DNS entry does not exist.",
       dns, failed},
      // https://smtpfieldmanual.com/provider/google
      {"gmail: no such user", Stage::rcpt,
       "550-5.1.1 The email account that you tried to reach does not exist. Please try\n"
       "550-5.1.1 double-checking the recipient's email address for typos or\n"
       "550 5.1.1 unnecessary spaces. - gsmtp",
       mailbox, failed},
      // https://smtpfieldmanual.com/provider/google
      {"gmail: over quota for now", Stage::rcpt,
       "452 4.2.2 The email account that you tried to reach is over quota. Please direct the "
       "recipient to https://support.google.com/mail/?p=OverQuotaTemp - gsmtp",
       mailbox, deferred},
      // https://smtpfieldmanual.com/provider/google
      {"gmail: over quota for good", Stage::rcpt,
       "552 5.2.2 The email account that you tried to reach is over quota. Please direct the "
       "recipient to https://support.google.com/mail/?p=OverQuotaPerm - gsmtp",
       mailbox, failed},
      // https://smtpfieldmanual.com/provider/google: a rate of the mailbox, not ours
      {"gmail: mailbox gets too much", Stage::rcpt,
       "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents "
       "additional messages from being delivered. Please resend your message at a later time.",
       mailbox, deferred},
      // https://smtpfieldmanual.com/provider/google
      {"gmail: attachment", Stage::final_dot,
       "552-5.7.0 Our system detected an illegal attachment on your message. Please\n"
       "552 5.7.0 visit http://mail.google.com/support/bin/answer.py?answer=6590",
       content, failed},
      // https://smtpfieldmanual.com/provider/google
      {"gmail: size", Stage::final_dot,
       "552-5.2.3 Your message exceeded Google's message size limits. Please visit\n"
       "552 5.2.3 http://mail.google.com/support/bin/answer.py?answer=8770",
       content, failed},
      // https://support.google.com/a/answer/3726730
      {"gmail: server busy", Stage::mail, "421 4.4.5 Server busy, try again later.", rate,
       deferred},
      // https://support.google.com/a/answer/3726730
      {"gmail: system problem", Stage::mail, "421 4.3.0 Temporary System Problem. Try again later",
       other, deferred},
  }));
}

Test(real_replies, of_microsoft) {
  expect_classes(std::to_array<RealReply>({
      // https://support.sendgrid.com/hc/en-us/articles/38465017420955
      {"outlook: block list S3140", Stage::mail,
       "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your "
       "Internet service provider since part of their network is on our block list (S3140). You "
       "can also refer your provider to http://mail.live.com/mail/troubleshooting.aspx#errors. "
       "[DM6NAM12FT056.eop-nam12.prod.protection.outlook.com]",
       blocked, failed},
      // https://github.com/sisimai/set-of-emails
      {"outlook: SC-004", Stage::mail,
       "550 SC-004 (COL0-MC1-F1) Unfortunately, messages from 192.0.2.1 weren't sent. We recommend "
       "that you contact your Internet service provider. The problem is that too many unwanted "
       "messages have been sent from the following IP address above.",
       blocked, failed},
      // https://smtpfieldmanual.com/provider/outlook
      {"outlook: rate by reputation", Stage::mail,
       "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP "
       "reputation. For e-mail delivery information, see https://postmaster.live.com (S843)",
       rate, deferred},
      // https://smtpfieldmanual.com/spamfilter/exchangeonline
      {"exchange online: throttled", Stage::mail,
       "451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (AS77712344)", rate,
       deferred},
      // https://smtpfieldmanual.com/spamfilter/exchangeonline
      {"exchange online: banned address", Stage::rcpt,
       "550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this "
       "list please visit https://sender.office.com/ and follow the directions. (AS16012609)",
       blocked, failed},
      // https://github.com/zone-eu/zone-mta/blob/master/config/bounces.txt
      {"exchange online: banned sender", Stage::rcpt,
       "550 5.7.511 Access denied, banned sender[192.0.2.1]. To request removal from this list "
       "please forward this message to delist@messaging.microsoft.com.",
       blocked, failed},
      // https://smtpfieldmanual.com/spamfilter/exchangeonline
      {"exchange online: Spamhaus", Stage::rcpt,
       "550 5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus. To request "
       "removal from this list see https://www.spamhaus.org/query/ip/192.0.2.1 (AS16012611)",
       blocked, failed},
      // https://smtpfieldmanual.com/provider/outlook: the sender's domain goes with the mail
      {"outlook: sender's domain at Spamhaus", Stage::mail,
       "550 5.7.1 Service unavailable, MailFrom domain is listed in Spamhaus. To request removal "
       "from this list see https://www.spamhaus.org/query/lookup/ (S8002)",
       content, failed},
      // https://smtpfieldmanual.com/spamfilter/exchangeonline: each transport has its HELO name
      {"exchange online: HELO name at Spamhaus", Stage::mail,
       "550 5.7.1 Service unavailable, Helo domain is listed in Spamhaus. To request removal from "
       "this list see https://www.spamhaus.org/query/lookup/ (S8001)",
       blocked, failed},
      // https://github.com/sisimai/set-of-emails
      {"exchange online: DMARC", Stage::final_dot,
       "550 5.7.509 Access denied, sending domain [EXAMPLE.ORG] does not pass DMARC verification "
       "and has a DMARC policy of reject.",
       auth, failed},
      // https://github.com/sisimai/set-of-emails
      {"outlook: level of authentication", Stage::final_dot,
       "550 5.7.515 Access denied, sending domain EXAMPLE.ORG doesn't meet the required "
       "authentication level. The sender's domain in the 5322.From address doesn't meet the "
       "authentication requirements defined for the sender.",
       auth, failed},
      // https://learn.microsoft.com/en-us/exchange/mail-flow-best-practices/
      // non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online
      {"exchange online: SPF", Stage::final_dot,
       "550 5.7.23 The message was rejected because of Sender Policy Framework violation", auth,
       failed},
      // https://github.com/zone-eu/zone-mta/pull/214: that recipient is not there
      {"exchange online: unknown recipient", Stage::rcpt,
       "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) "
       "[PR2FRA01FT009.eop-fra01.prod.protection.outlook.com]",
       mailbox, failed},
      // https://smtpfieldmanual.com/provider/outlook
      {"outlook: no such mailbox", Stage::rcpt,
       "550 5.5.0 Requested action not taken: mailbox unavailable. "
       "[BL0GCC02FT014.eop-nam12.prod.protection.outlook.com]",
       mailbox, failed},
      // https://smtpfieldmanual.com/provider/outlook: the mailbox's own limit
      {"outlook: mailbox gets too much", Stage::final_dot,
       "554 5.2.122 The recipient has exceeded their limit for the number of messages they can "
       "receive per hour. For more information go to http://go.microsoft.com/fwlink/?LinkId=526653",
       mailbox, failed},
      // https://smtpfieldmanual.com/provider/outlook: and ours
      {"outlook: we send too much", Stage::final_dot,
       "554 5.2.121 The sender has exceeded the limit for the number of messages they can send to "
       "this recipient per hour.",
       rate, failed},
      // https://smtpfieldmanual.com/spamfilter/exchangeonline
      {"exchange online: connections", Stage::greeting,
       "421 4.3.2 The maximum number of concurrent connections per resource forest has exceeded a "
       "limit, closing transmission channel.",
       rate, deferred},
      // https://github.com/sisimai/set-of-emails
      {"exchange: authentication required", Stage::rcpt,
       "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required", auth, failed},
      // https://smtpfieldmanual.com/provider/outlook
      {"exchange online: server error", Stage::final_dot,
       "451 4.7.0 Temporary server error. Please try again later. PRX4 NextHop: 192.0.2.9", other,
       deferred},
  }));
}

Test(real_replies, of_yahoo_and_apple) {
  expect_classes(std::to_array<RealReply>({
      // https://smtpfieldmanual.com/provider/yahoo/421/4.7.0
      {"yahoo: TSS04", Stage::mail,
       "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or "
       "user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
       rate, deferred},
      // http://help.yahoo.com/kb/index?page=content&id=SLN3436: temporary in its code only
      {"yahoo: TS03", Stage::mail,
       "421 4.7.1 [TS03] All messages from 192.0.2.1 permanently deferred", blocked, deferred},
      // https://smtpfieldmanual.com/provider/yahoo
      {"yahoo: BL21", Stage::mail,
       "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in "
       "Spamhaus's list; see http://postmaster.yahoo.com/550-bl23.html",
       blocked, failed},
      // https://smtpfieldmanual.com/provider/yahoo
      {"yahoo: BL23", Stage::mail,
       "553 Mail from 192.0.2.1 not allowed - 5.7.1 [BL23] Connections not accepted from IP "
       "addresses on Spamhaus XBL; see http://postmaster.yahoo.com/errors/550-bl23.html [550]",
       blocked, failed},
      // https://smtpfieldmanual.com/provider/yahoo
      {"yahoo: policy", Stage::final_dot,
       "554 5.7.9 Message not accepted for policy reasons. See "
       "https://postmaster.yahooinc.com/error-codes",
       auth, failed},
      // https://smtpfieldmanual.com/provider/yahoo
      {"yahoo: no such user", Stage::final_dot,
       "554 delivery error: dd This user doesn't have a yahoo.com account (bob@yahoo.com) [-9] - "
       "mta1.example.yahoo.com",
       mailbox, failed},
      // https://smtpfieldmanual.com/provider/yahoo
      {"yahoo: mailbox disabled", Stage::final_dot,
       "554 delivery error: dd Sorry, your message to bob@yahoo.com cannot be delivered. This "
       "mailbox is disabled (554.30). - mta1.example.yahoo.com",
       mailbox, failed},
      // https://smtp.codes/yahoo
      {"yahoo: mailbox gets too much", Stage::rcpt, "450 User is receiving mail too quickly",
       mailbox, deferred},
      // https://smtp.codes/yahoo
      {"yahoo: messages a connection", Stage::mail,
       "421 Max message per connection reached, closing transmission channel", rate, deferred},
      // https://smtp.codes/yahoo
      {"yahoo: resources", Stage::greeting,
       "451 mta1.yahoo.com Resources temporarily unavailable. Please try again later [#4.16.1].",
       other, deferred},
      // https://smtpfieldmanual.com/provider/apple
      {"icloud: volume", Stage::rcpt,
       "421 4.7.1 Messages to bob@icloud.com deferred due to excessive volume. Try again later - "
       "https://support.apple.com/en-us/HT204137",
       rate, deferred},
      // https://smtpfieldmanual.com/provider/apple
      {"icloud: local policy", Stage::final_dot,
       "554 5.7.1 [CS01] Message rejected due to local policy. Please visit "
       "https://support.apple.com/en-us/HT204137",
       content, failed},
      // https://smtpfieldmanual.com/provider/apple
      {"icloud: DMARC", Stage::final_dot,
       "550 5.7.1 Your message was rejected due to example.org's DMARC policy. See "
       "https://support.apple.com/en-us/HT204137 for info",
       auth, failed},
      // https://smtpfieldmanual.com/provider/apple: a list of domains, not of addresses
      {"icloud: domain at Spamhaus DBL", Stage::final_dot,
       "550 5.7.1 Your email was rejected due to having a domain present in the Spamhaus DBL -- "
       "see https://www.spamhaus.org/dbl/",
       content, failed},
      // https://smtpfieldmanual.com/provider/apple
      {"icloud: over quota", Stage::rcpt, "552 5.2.2 <bob@icloud.com>: user is overquota", mailbox,
       failed},
      // https://smtpfieldmanual.com/provider/apple
      {"icloud: no such user", Stage::rcpt, "550 5.1.1 <bob@icloud.com>: user does not exist",
       mailbox, failed},
      // https://www.suped.com/email-deliverability/answers/how-to-get-proofpoint-to-unblock-my-ip-address
      {"icloud: Proofpoint", Stage::greeting,
       "550 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1", blocked, deferred},
  }));
}
