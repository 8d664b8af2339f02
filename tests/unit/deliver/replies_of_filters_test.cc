// What lists, filters and mail server programs answer, and what it means.

#include <criterion/criterion.h>

#include <array>

#include "tests/unit/deliver/real_replies.h"

using namespace waypost;
using namespace waypost::deliver;
using namespace waypost::deliver::words;

Test(real_replies, of_block_lists) {
  expect_classes(std::to_array<RealReply>({
      // https://help.kreativmedia.ch/fr/erreur-554-blocked
      {"spamhaus zen by Postfix", Stage::rcpt,
       "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; "
       "https://www.spamhaus.org/query/ip/192.0.2.1",
       blocked, failed},
      // https://github.com/zone-eu/zone-mta/blob/master/config/bounces.txt
      {"spamhaus with nothing but a link", Stage::rcpt,
       "550 https://www.spamhaus.org/query/ip/192.0.2.1", blocked, failed},
      // https://github.com/zone-eu/zone-mta/blob/master/config/bounces.txt: codes may lie
      {"spamhaus with a mailbox's code", Stage::rcpt,
       "550 5.2.1 Mailbox unavailable. Your IP address 192.0.2.1 is blacklisted using "
       "SPAMHAUS-XBL. Details: https://www.spamhaus.org/query/ip/192.0.2.1.",
       blocked, failed},
      // https://github.com/zone-eu/zone-mta/blob/master/config/bounces.txt: a list of domains
      {"spamhaus DBL by Postfix", Stage::mail,
       "554 5.7.1 Service unavailable; Sender address [alice@example.org] blocked using "
       "dbl.spamhaus.org; https://www.spamhaus.org/query/domain/example.org",
       content, failed},
      // https://github.com/sisimai/set-of-emails
      {"sender's domain at spamhaus", Stage::mail,
       "550-5.1.0 MXIN506 MailFrom domain is listed in Spamhaus. To request removal from this list "
       "see https:\n550 5.1.0 //www.spamhaus.org/query/lookup/ ;id=DLOkvMxsVeZo",
       content, failed},
      // https://github.com/zone-eu/zone-mta/blob/master/config/bounces.txt: links in the message
      {"uribl", Stage::final_dot,
       "554 5.7.1 Service unavailable; Client host [mail.example.org] blocked using "
       "multi.uribl.com",
       content, failed},
      // https://smtpfieldmanual.com/code/554
      {"a link in the message", Stage::final_dot, "554 rejected due to spam URL in content",
       content, failed},
      // https://hardwaresecrets.com/understanding-email-bounce-messages/4/
      {"barracuda", Stage::rcpt,
       "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using "
       "b.barracudacentral.org; http://www.barracudanetworks.com/reputation/?pr=1&ip=192.0.2.1",
       blocked, failed},
      // https://blog.inframes.com/2013/08
      {"spamcop", Stage::rcpt,
       "554 5.7.1 Rejected - your IP address was found in a blacklist for sending spam. Please "
       "visit: http://spamcop.net/bl.shtml?192.0.2.1",
       blocked, failed},
      // https://github.com/zone-eu/zone-mta/blob/master/config/bounces.txt
      {"spamcop by Exim", Stage::rcpt,
       "550-\"JunkMail rejected - mail.example.org [192.0.2.1]:24706 is in an\n"
       "550 RBL: Blocked - see https://www.spamcop.net/bl.shtml?192.0.2.1\"",
       blocked, failed},
      // https://support.mailroute.net/hc/en-us/articles/1500002376501-UCEProtect-Blacklists
      {"uceprotect", Stage::rcpt,
       "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using "
       "dnsbl-2.uceprotect.net",
       blocked, failed},
      // https://github.com/sisimai/set-of-emails
      {"sorbs", Stage::rcpt,
       "521-5.7.1 Service unavailable; client [192.0.2.1] blocked using dnsbl.sorbs.net\n"
       "521 5.7.1 Please see "
       "http://support.mailhostbox.com/email-administrators-guide-error-codes/",
       blocked, failed},
      // https://github.com/zone-eu/zone-mta/blob/master/config/bounces.txt
      {"sorbs, for now", Stage::rcpt,
       "451 Currently Sending Spam See: http://www.sorbs.net/lookup.shtml?192.0.2.1", blocked,
       deferred},
      // https://support.onesystems.ch/722126
      {"nixspam", Stage::rcpt,
       "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using ix.dnsbl.manitu.net",
       blocked, failed},
      // https://github.com/zone-eu/zone-mta/blob/master/config/bounces.txt
      {"invaluement", Stage::mail,
       "550 5.5.4 ETP208 Your IP 192.0.2.1 is listed by Invaluement. Please see "
       "http://www.invaluement.com/research/ if you feel this is in error",
       blocked, failed},
      // https://github.com/reacherhq/check-if-email-exists/issues/1110
      {"mailbox.org: by RBL", Stage::rcpt,
       "550 5.7.1 Service unavailable; Client host [192.0.2.1] blocked by RBL; "
       "https://www.spamhaus.org/sbl/query/SBLCSS",
       blocked, failed},
      // https://github.com/zone-eu/zone-mta/blob/master/config/bounces.txt
      {"by country", Stage::rcpt,
       "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using "
       "ee.countries.nerd.dk; Your IP is in ee, rejected based on geographical location",
       blocked, failed},
      // https://github.com/zone-eu/zone-mta/blob/master/config/bounces.txt: a list used to greylist
      {"greylisting in the shape of a list", Stage::rcpt,
       "421 4.7.1 Service unavailable; Client host [192.0.2.1] blocked using grey.rbl - Rechazo "
       "temporal, intentelo mas tarde por favor...Greylisting in action, please try again later",
       greylisted, deferred},
  }));
}

Test(real_replies, of_filters) {
  expect_classes(std::to_array<RealReply>({
      // https://smtpfieldmanual.com/spamfilter/proofpoint
      {"proofpoint: list", Stage::mail,
       "550 5.7.1 Service unavailable; client [192.0.2.1] blocked using prs.proofpoint.com",
       blocked, failed},
      // https://github.com/zone-eu/zone-mta/blob/master/config/bounces.txt
      {"proofpoint: banner", Stage::greeting,
       "554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1", blocked, deferred},
      // https://smtpfieldmanual.com/spamfilter/proofpoint
      {"proofpoint: relay", Stage::rcpt, "550 5.7.1 Relay access denied", auth, failed},
      // https://smtpfieldmanual.com/spamfilter/proofpoint
      {"cloudmark", Stage::mail,
       "550 5.7.1 Service unavailable; client [192.0.2.1] blocked using Cloudmark Sender "
       "Intelligence (Visit http://csi.cloudmark.com/reset-request/ if you feel this is in error)",
       blocked, failed},
      // https://community.mimecast.com/s/article/Mimecast-SMTP-Error-Codes-842605754: greylisting
      {"mimecast: greylisting", Stage::rcpt,
       "451 Internal resources are temporarily unavailable - "
       "https://community.mimecast.com/docs/DOC-1369#451 [qX]",
       greylisted, deferred},
      // https://github.com/zone-eu/zone-mta/blob/master/config/bounces.txt
      {"mimecast: reputation", Stage::rcpt,
       "550 csi.mimecast.org Poor Reputation Sender. - "
       "https://community.mimecast.com/docs/DOC-1369#550 [vH7Ns8biNg-p6EfZ0QaVMQ.us149]",
       blocked, failed},
      // https://smtpfieldmanual.com/spamfilter/mimecast: our own name in From:
      {"mimecast: anti-spoofing", Stage::final_dot,
       "550 Rejected by header based Anti-Spoofing policy: alice@example.org - "
       "https://community.mimecast.com/docs/DOC-1369#550 [_g67iKwmNreAb9PeazQFDQ.us227]",
       auth, failed},
      // https://smtpfieldmanual.com/spamfilter/mimecast
      {"mimecast: blocked sender", Stage::final_dot,
       "550 Rejected by header based manually Blocked Senders: alice@example.org - "
       "https://community.mimecast.com/docs/DOC-1369#550 [qX]",
       content, failed},
      // https://smtpfieldmanual.com/spamfilter/mimecast
      {"mimecast: blocked envelope", Stage::rcpt,
       "550 Envelope blocked - User Entry - https://community.mimecast.com/docs/DOC-1369#550 [qX]",
       content, failed},
      // https://smtpfieldmanual.com/spamfilter/mimecast
      {"mimecast: DMARC", Stage::rcpt,
       "550 DMARC Sender Invalid - envelope rejected - "
       "https://community.mimecast.com/docs/DOC-1369#550 [qX]",
       auth, failed},
      // https://smtpfieldmanual.com/spamfilter/mimecast
      {"mimecast: relay", Stage::rcpt,
       "451 Open relay not allowed - https://community.mimecast.com/docs/DOC-1369#451 [qX]", auth,
       deferred},
      // https://community.mimecast.com/s/article/Mimecast-SMTP-Error-Codes-842605754
      {"mimecast: TLS", Stage::mail, "553 This route requires encryption (TLS)", tls, failed},
      // https://community.mimecast.com/s/article/Mimecast-SMTP-Error-Codes-842605754
      {"mimecast: for now", Stage::mail, "451 IP temporarily blacklisted", blocked, deferred},
      // https://github.com/zone-eu/zone-mta/blob/master/config/bounces.txt
      {"ironport: reputation", Stage::greeting,
       "554-mx.example.net\n554 Your access to this mail system has been rejected due to the "
       "sending MTA's poor reputation. If you believe that this failure is in error, please "
       "contact the intended recipient via alternate means.",
       blocked, deferred},
      // https://headwayapp.co/mxroute-changelog/adjustments-to-outbound-rejections-137432
      {"ironport: access", Stage::greeting,
       "550 #5.7.1 Your access to submit messages to this e-mail system has been rejected.",
       blocked, deferred},
      // https://headwayapp.co/mxroute-changelog/adjustments-to-outbound-rejections-137432
      {"not allowed to connect", Stage::rcpt, "554 5.7.1 You are not allowed to connect", blocked,
       failed},
      // https://github.com/sisimai/set-of-emails
      {"ironport: address", Stage::rcpt, "550 #5.1.0 Address rejected.", mailbox, failed},
      // https://smtpfieldmanual.com/spamfilter/barracuda: rspamd's words too
      {"come back, and no more", Stage::rcpt, "451 4.7.1 Try again later", greylisted, deferred},
      // https://rspamd.com/doc/modules/greylisting.html: its milter answers at the end
      {"rspamd: greylisting", Stage::final_dot, "451 4.7.1 Try again later", greylisted, deferred},
      // https://smtpfieldmanual.com/spamfilter/barracuda
      {"barracuda: greylisting", Stage::rcpt,
       "451 4.7.1 <bob@example.net>: Recipient address rejected: Greylisted for 5 minutes",
       greylisted, deferred},
      // https://smtpfieldmanual.com/spamfilter/zerospam
      {"zerospam: greylisting", Stage::rcpt,
       "450 4.2.0 <bob@example.net>: Recipient address rejected: example.net greylisted for 60 "
       "seconds by ZEROSPAM",
       greylisted, deferred},
      // https://github.com/sisimai/set-of-emails
      {"amavis: spam", Stage::final_dot, "554 5.7.0 Reject, id=20025-09 - SPAM", content, failed},
      // https://github.com/sisimai/set-of-emails
      {"amavis: banned", Stage::final_dot, "550 5.7.1 Message content rejected, UBE, id=22220-02",
       content, failed},
      // https://smtpfieldmanual.com/provider/yandex
      {"rspamd: spam", Stage::final_dot, "554 5.7.1 Spam message rejected", content, failed},
      // https://github.com/sisimai/set-of-emails
      {"proofpoint: policy", Stage::rcpt, "550 5.7.0 Local Policy Violation", other, failed},
      // https://github.com/zone-eu/zone-mta/blob/master/config/bounces.txt
      {"symantec: filtered", Stage::final_dot,
       "553 Message filtered. Refer to the Troubleshooting page at "
       "http://www.symanteccloud.com/troubleshooting for more information. (#5.7.1)",
       content, failed},
  }));
}

Test(real_replies, of_programs) {
  expect_classes(std::to_array<RealReply>({
      // https://gist.github.com/sc68cal/ca19c404371dfcd088d4
      {"greyfix", Stage::rcpt,
       "450 4.7.1 <bob@example.net>: Recipient address rejected: Greylisted by greyfix 0.4.0, try "
       "again in 30 seconds. See http://www.kim-minh.com/pub/greyfix/ for more information.",
       greylisted, deferred},
      // https://pastebin.com/gzYuEyr5
      {"qpsmtpd: greylisting", Stage::rcpt, "451 4.7.1 greylisting, please try again later",
       greylisted, deferred},
      // https://manpages.ubuntu.com/manpages/trusty/man8/postgrey.8.html
      {"postgrey", Stage::rcpt,
       "450 4.2.0 <bob@example.net>: Recipient address rejected: Greylisted, see "
       "http://postgrey.schweikert.ch/help/example.net.html",
       greylisted, deferred},
      // http://www.postfix.org/postconf.5.html#milter_default_action: its own filter is away
      {"postfix: no milter", Stage::rcpt, "451 4.7.1 Service unavailable - try again later", other,
       deferred},
      // https://support.onesystems.ch/722126
      {"postfix: relay", Stage::rcpt, "554 5.7.1 <bob@example.net>: Relay access denied", auth,
       failed},
      // http://www.postfix.org/postconf.5.html#reject_unknown_reverse_client_hostname
      {"postfix: no reverse name", Stage::rcpt,
       "450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]", dns,
       deferred},
      // https://support.onesystems.ch/722126
      {"postfix: sender's domain", Stage::rcpt,
       "550 5.1.8 <alice@example.org>: Sender address rejected: Domain not found", dns, failed},
      // http://www.postfix.org/postconf.5.html#reject_unknown_helo_hostname
      {"postfix: HELO name", Stage::rcpt,
       "450 4.7.1 <out.example.org>: Helo command rejected: Host not found", dns, deferred},
      // https://www.bytecamp.net/de/faq/email/zustellen.html
      {"postfix: connections", Stage::greeting,
       "421 4.7.0 mx.example.net Error: too many connections from 192.0.2.1", rate, deferred},
      // https://smtpfieldmanual.com/provider/apple
      {"postfix: errors", Stage::rcpt, "421 4.7.0 me.com Error: too many errors", rate, deferred},
      // https://github.com/sisimai/set-of-emails
      {"postfix: unknown", Stage::rcpt,
       "550 5.1.1 <bob@example.net>: Recipient address rejected: User unknown in virtual mailbox "
       "table",
       mailbox, failed},
      // https://github.com/sisimai/set-of-emails: a policy's code, a mailbox's words
      {"postfix: unknown, by policy", Stage::rcpt,
       "550 5.7.1 <bob@example.net>: Recipient address rejected: User unknown", mailbox, failed},
      // https://smtpfieldmanual.com/code/421
      {"postfix: verifying", Stage::rcpt,
       "450 4.1.1 <bob@example.net>: Recipient address rejected: unverified address: Address "
       "verification in progress",
       mailbox, deferred},
      // http://www.postfix.org/postconf.5.html#message_size_limit
      {"postfix: size", Stage::mail, "552 5.3.4 Message size exceeds fixed limit", content, failed},
      // http://www.postfix.org/postconf.5.html#queue_minfree
      {"postfix: its disk is full", Stage::mail, "452 4.3.1 Insufficient system storage", other,
       deferred},
      // http://www.postfix.org/postconf.5.html#smtpd_recipient_limit
      {"postfix: recipients", Stage::rcpt, "452 4.5.3 Error: too many recipients", rate, deferred},
      // http://www.postfix.org/postconf.5.html#smtpd_client_message_rate_limit
      {"postfix: message rate", Stage::mail, "450 4.7.1 Error: too much mail from 192.0.2.1", rate,
       deferred},
      // http://www.postfix.org/postconf.5.html#smtpd_tls_security_level
      {"postfix: TLS", Stage::mail, "530 5.7.0 Must issue a STARTTLS command first", tls, failed},
      // https://github.com/sisimai/set-of-emails
      {"postfix: restricted client", Stage::rcpt,
       "450 4.7.1 <c135.example.net[192.0.2.1]>: Client host rejected: may not be mail exchanger",
       other, deferred},
      // https://github.com/sisimai/set-of-emails
      {"sendmail: relay", Stage::rcpt,
       "550 5.7.1 Relaying denied. IP name lookup failed [192.0.2.1]", auth, failed},
      // https://github.com/sisimai/set-of-emails
      {"sendmail: no reverse name", Stage::rcpt,
       "450 4.7.1 Access denied. IP name lookup failed [192.0.2.1]", dns, deferred},
      // https://github.com/sisimai/set-of-emails
      {"sendmail: connection rate", Stage::greeting, "452 4.3.2 Connection rate limit exceeded.",
       rate, deferred},
      // https://github.com/sisimai/set-of-emails
      {"sendmail: mailbox", Stage::rcpt, "550 5.2.2 <bob@example.net>... Mailbox Full", mailbox,
       failed},
      // https://github.com/sisimai/set-of-emails
      {"sendmail: unknown", Stage::rcpt, "550 5.1.1 <bob@example.net>... User Unknown", mailbox,
       failed},
      // https://github.com/sisimai/set-of-emails
      {"exim: authentication", Stage::rcpt,
       "550-Please turn on SMTP Authentication in your mail client.\n"
       "550-mail.example.org [192.0.2.1]:11111 is not permitted to\n"
       "550 relay through this server without authentication.",
       auth, failed},
      // https://www.exim.org/exim-html-current/doc/html/spec_html/ch-access_control_lists.html
      {"exim: relay", Stage::rcpt, "550 relay not permitted", auth, failed},
      // http://www.sitepackage.de/service/dokumentation/auswertung/
      // typische-fehlermeldungen-bei-unzustellbarkeit.html
      {"exim: unknown", Stage::rcpt, "550 unrouteable address", mailbox, failed},
      // https://www.exim.org/exim-html-current/doc/html/spec_html/ch-access_control_lists.html
      {"exim: callback", Stage::rcpt, "550 Sender verify failed", other, failed},
      // https://github.com/sisimai/set-of-emails
      {"qmail: relay", Stage::rcpt,
       "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", auth, failed},
      // https://smtpfieldmanual.com/code/553
      {"messagelabs: relay", Stage::rcpt,
       "553 you are trying to use me [server-1.messagelabs.com] as a relay, but I have not been "
       "configured to let you [192.0.2.1, example.org] do this. (#5.7.1)",
       auth, failed},
      // http://www.sitepackage.de/service/dokumentation/auswertung/
      // typische-fehlermeldungen-bei-unzustellbarkeit.html
      {"domino: unknown", Stage::rcpt, "550 User bob@example.net not listed in Domino Directory",
       mailbox, failed},
      // https://smtpfieldmanual.com/code/550: words of a reputation, and of no address
      {"considered spam", Stage::final_dot, "550 5.7.1 Message considered as SPAM", content,
       failed},
  }));
}
