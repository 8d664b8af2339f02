// What mailbox providers of single regions answer, and what it means.

#include <criterion/criterion.h>

#include <array>

#include "tests/unit/deliver/real_replies.h"

using namespace waypost;
using namespace waypost::deliver;
using namespace waypost::deliver::words;

Test(real_replies, of_european_providers) {
  expect_classes(std::to_array<RealReply>({
      // https://postmaster.gmx.com/en/error-messages
      {"gmx: block list", Stage::greeting,
       "554-gmx.net (mxgmx104) Nemesis ESMTP Service not available\n554-No SMTP service\n"
       "554-IP address is block listed.\n"
       "554 For explanation visit https://postmaster.gmx.net/en/case?c=r0201&i=ip&v=198.51.100.42",
       blocked, deferred},
      // https://smtp.codes/unitedinternet/
      {"gmx: SPF", Stage::mail,
       "550 <alice@example.org>: Reject due to SPF policy. The originating IP of the message is "
       "not permitted by the domain owner",
       auth, failed},
      // https://smtpfieldmanual.com/provider/gmx
      {"web.de: PTR", Stage::mail, "550 <alice@example.org>: Bad DNS PTR resource record", dns,
       failed},
      // https://smtpfieldmanual.com/provider/gmx
      {"web.de: policy for the address", Stage::mail,
       "550 <alice@example.org>: Reject due to policy restrictions (IP based)", blocked, failed},
      // https://smtpfieldmanual.com/provider/gmx
      {"web.de: policy for the header", Stage::final_dot,
       "550 <alice@example.org>: Reject due to policy restrictions (header based)", content,
       failed},
      // https://smtp.codes/unitedinternet/
      {"gmx: no such mailbox", Stage::rcpt,
       "550 <bob@gmx.net>: Requested action not taken: mailbox unavailable", mailbox, failed},
      // https://new-faq.comservice-ffo.de/smtp-fehlermeldungen-e-mail-fehler/
      {"ionos: rate", Stage::mail, "421 Rate limit reached. Please try again later", rate,
       deferred},
      // https://www.spamresource.com/2020/06/whoops-t-onlinede-not-accepting-mail.html
      {"t-online: no or bad reputation", Stage::greeting,
       "554 IP=192.0.2.1 - A problem occurred. (Ask your postmaster for help or to contact "
       "tosa@rx.t-online.de to clarify.) (BL)",
       blocked, deferred},
      // https://help.creoline.com/en/doc/t-online-554-dialuptransient-ip-not-allowed-zVwMz4z866
      {"t-online: dial-up", Stage::greeting,
       "554 Dialup/transient IP not allowed. Use a mailgateway or contact toda@rx.t-online.de if "
       "obsolete. (DIAL)",
       blocked, deferred},
      // https://github.com/sisimai/p5-sisimai/issues/240
      {"orange: connections", Stage::greeting,
       "421 mwinf5c27 ME Trop de connexions, veuillez verifier votre configuration. Too many "
       "connections, slow down. OFR004_104 [104]",
       rate, deferred},
      // https://smtpfieldmanual.com/provider/orange
      {"orange: address", Stage::greeting,
       "550 mwinf5c63 ME Adresse IP source bloquee pour incident de spam. Client host blocked for "
       "spamming issues. OFR006_102 Ref http://csi.cloudmark.com/reset-request/?ip=192.0.2.1 [102]",
       blocked, deferred},
      // https://smtpfieldmanual.com/provider/orange
      {"orange: over quota", Stage::rcpt,
       "552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR_417 [417]", mailbox,
       failed},
      // https://www.bytecamp.net/de/faq/email/zustellen.html
      {"bytecamp: greylisting", Stage::rcpt,
       "450 4.2.0 <bob@example.net>: Recipient address rejected: Greylisted", greylisted, deferred},
      // https://pastebin.com/PD5TqSQp: a code of its own
      {"freenet: greylisting", Stage::rcpt, "457 Greylisted, please come back later.", greylisted,
       deferred},
      // https://smtpfieldmanual.com/provider/mailru
      {"mail.ru: spam", Stage::final_dot,
       "550 spam message rejected. Please visit http://help.mail.ru/notspam-support/id?c=7y4y or "
       "report details to abuse@corp.mail.ru. Error code: 1.",
       content, failed},
      // https://smtpfieldmanual.com/provider/mailru
      {"mail.ru: no such mailbox", Stage::rcpt,
       "550 Message was not accepted -- invalid mailbox. Local mailbox bob@mail.ru is unavailable: "
       "account is disabled",
       mailbox, failed},
      // https://smtpfieldmanual.com/provider/yandex
      {"yandex: spam", Stage::final_dot,
       "554 5.7.1 [1] Message rejected under suspicion of SPAM; https://ya.cc/1IrBc", content,
       failed},
      // https://smtpfieldmanual.com/provider/yandex: their trouble, whatever the code says
      {"yandex: unavailable", Stage::rcpt,
       "451 4.7.1 Sorry, the service is currently unavailable. Please come back later.", other,
       deferred},
      // https://smtpfieldmanual.com/provider/free
      {"free: over quota", Stage::rcpt,
       "554 5.2.2 <bob@free.fr>: Recipient address rejected: Quota exceeded (mailbox for user is "
       "full)",
       mailbox, failed},
      // https://smtpfieldmanual.com/provider/rambler: a closed mailbox, not our address
      {"rambler: blocked mailbox", Stage::rcpt,
       "540 5.7.1 <bob@rambler.ru>: recipient address rejected: Blocked", mailbox, failed},
      // https://smtpfieldmanual.com/provider/free
      {"free: blocked for inactivity", Stage::rcpt,
       "550 5.2.1 This mailbox has been blocked due to inactivity", mailbox, failed},
  }));
}

Test(real_replies, of_american_and_asian_providers) {
  expect_classes(std::to_array<RealReply>({
      // https://smtpfieldmanual.com/provider/comcast
      {"comcast: block", Stage::greeting,
       "554 resimta-po-11v.sys.comcast.net comcast 192.0.2.1 Comcast block for spam. Please see "
       "http://postmaster.comcast.net/smtp-error-codes.php#BL000000",
       blocked, deferred},
      // https://github.com/zone-eu/zone-mta/blob/master/config/bounces.txt
      {"comcast: DNSBL", Stage::greeting,
       "554 resimta-po-11v.sys.comcast.net resimta-po-11v.sys.comcast.net 192.0.2.1 found on one "
       "or more DNSBLs, see http://postmaster.comcast.net/smtp-error-codes.php#BL000010",
       blocked, deferred},
      // https://smtpfieldmanual.com/provider/comcast
      {"comcast: PTR", Stage::greeting,
       "554 resimta-po-11v.sys.comcast.net comcast 192.0.2.1 Comcast requires that all mail "
       "servers must have a PTR record with a valid Reverse DNS entry. Currently your mail server "
       "does not fill that requirement.",
       dns, deferred},
      // http://security.comcast.net/get-help/Mail-Delivery-Error-Messages.aspx
      {"comcast: sessions", Stage::greeting, "421 Too many sessions opened", rate, deferred},
      // https://smtpfieldmanual.com/provider/comcast: the code says mailbox, the words do not
      {"comcast: DMARC", Stage::final_dot,
       "550 5.2.0 Message rejected due to DMARC. Please see "
       "http://postmaster.comcast.net/smtp-error-codes.php#DM000001",
       auth, failed},
      // https://smtpfieldmanual.com/provider/comcast
      {"comcast: over quota", Stage::rcpt, "452 4.1.1 <bob@comcast.net> user over quota", mailbox,
       deferred},
      // https://github.com/zone-eu/zone-mta/blob/master/config/bounces.txt
      {"at&t: block list", Stage::mail,
       "553 5.3.0 flpd594 DNSBL:RBL 521< 192.0.2.1 >_is_blocked.For assistance forward this email "
       "to abuse_rbl@abuse-att.net",
       blocked, failed},
      // https://smtpfieldmanual.com/provider/att
      {"at&t: reverse name", Stage::mail,
       "550 5.7.1 Connections not accepted from servers without a valid sender domain. Fix reverse "
       "DNS for 192.0.2.1",
       dns, failed},
      // https://smtpfieldmanual.com/provider/att
      {"at&t: unknown", Stage::rcpt,
       "550 5.2.1 <BOB@PRODIGY.NET>... Addressee unknown, relay=[192.0.2.1]", mailbox, failed},
      // https://github.com/sisimai/set-of-emails
      {"cox: Cloudmark list", Stage::mail,
       "550 5.1.0 <alice@example.org> sender rejected. Refer to Error Codes section at "
       "https://www.cox.com/residential/support/email-error-codes.html for more information. "
       "AUP#CDRBL",
       blocked, failed},
      // https://github.com/sisimai/set-of-emails
      {"godaddy: SPF", Stage::mail,
       "550 5.1.0 192.0.2.1 is not allowed to send from <example.net> per it's SPF Record. Please "
       "inspect your SPF settings, and try again. IB508",
       auth, failed},
      // https://smtpfieldmanual.com/provider/zoho
      {"zoho: DMARC", Stage::final_dot, "550 5.7.1 Email rejected per DMARC policy for zoho.com",
       auth, failed},
      // https://smtpfieldmanual.com/provider/zoho
      {"zoho: relay", Stage::rcpt, "553 Relaying disallowed", auth, failed},
      // https://smtpfieldmanual.com/provider/qq
      {"qq: frequency", Stage::final_dot,
       "550 Sender frequency limited. "
       "http://service.exmail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000723",
       rate, failed},
      // https://smtpfieldmanual.com/provider/qq
      {"qq: content", Stage::final_dot,
       "550 Mail content denied. "
       "http://service.exmail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000726",
       content, failed},
  }));
}
