#include "route/postfix_advice.h"

namespace waypost::route {
namespace {

constexpr PostfixAdvice kAll[] = {
    // How mail leaves.
    {"myorigin", "a sender without a domain gets hostname"},
    {"canonical_maps", "from_rewrite gives senders another address; there is no table"},
    {"sender_canonical_maps", "from_rewrite gives senders another address; there is no table"},
    {"smtp_generic_maps", "from_rewrite gives senders another address; there is no table"},
    {"masquerade_domains", "from_rewrite = \"@DOMAIN\" is for the senders of this machine"},
    {"smtp_tls_policy_maps", "write tls in the transport of each destination"},
    {"smtp_tls_CApath", "write ca = the folder, where smtp_tls_CAfile is not set"},
    {"default_transport", "a rule without from and to says where all mail goes"},
    {"relay_transport", "waypost relays for nobody"},
    {"smtp_destination_rate_delay", "rate holds a transport back"},
    {"bounce_queue_lifetime", "expire_after holds for notices too"},
    // How it comes in, and what is done to it.
    {"relay_domains", "waypost relays for nobody"},
    {"inet_interfaces", "waypost-smtpd listens where it is told to: on loopback"},
    {"always_bcc", "no copies are made"},
    {"sender_bcc_maps", "no copies are made"},
    {"recipient_bcc_maps", "no copies are made"},
    {"header_checks", "messages are not looked into"},
    {"smtp_header_checks", "messages are not looked into"},
    {"content_filter", "a filter is a wrapper around waypost-queue"},
    {"smtpd_milters", "a filter is a wrapper around waypost-queue; dkim_sign signs"},
    {"non_smtpd_milters", "a filter is a wrapper around waypost-queue; dkim_sign signs"},
    // Mail that ends here.
    {"virtual_alias_maps", "aliases are those of alias_file, for names of local_domains"},
    {"virtual_alias_domains", "aliases are those of alias_file, for names of local_domains"},
    {"virtual_mailbox_domains",
     "a rule to = [DOMAIN] leads to a transport of type lmtp or maildir"},
    {"luser_relay", "whoever is no user and no alias is refused"},
    {"home_mailbox", "write path = \"~/Maildir\" and type = \"maildir\" in [transport.local]"},
    {"mailbox_transport", "write type, and socket or host, in [transport.local]"},
    {"mailbox_command",
     "write type = \"pipe\" and command in [transport.local]; no shell reads it"},
    {"forward_path", "files in homes that forward mail are not read"}};

} // namespace

std::span<const PostfixAdvice> postfix_advice() {
  return kAll;
}

} // namespace waypost::route
