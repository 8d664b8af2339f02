// Every error that waypost-config knows, with its line and the words that help.
#include <string_view>

#include "lib/sys/text.h"
#include "tests/unit/route/complaint_rows.h"

namespace waypost::route {

Test(config_errors, values_of_the_whole_file) {
  expect_complaints(std::to_array<Row>({
      {"hostname = \"mail example\"\n", 1, "is not a domain name"},
      {"hostname = \"\"\n", 1, "is empty"},
      {"hostname = \"[192.0.2.1]\"\n", 1, "is an address literal"},
      {"hostname = 7\n", 1, "is not a text in quotes"},
      {"postmaster = \"root\"\n", 1, "is not a mail address with a domain"},
      {"postmaster = \"a b@c\"\n", 1, "is not a mail address"},
      {"retry = [\"1s\",\n \"2 s\"]\n", 2, "has an unknown unit"},
      {"retry = \"7m30\"\n", 1, "has a number without a unit"},
      {"retry = [450]\n", 1, "has no unit"},
      {"retry = [\"0s\"]\n", 1, "is too small"},
      {"retry = [\"31d\"]\n", 1, "is too large"},
      {"retry = [\"500ms\"]\n", 1, "whole seconds"},
      {"retry = [\"30s5m\"]\n", 1, "large units to small"},
      {"retry = [\"\"]\n", 1, "is empty"},
      {"retry = [\"99999999999999999999d\"]\n", 1, "is too large"},
      {"retry = {a = 1}\n", 1, "is not a duration"},
      {"delay_notice_after = 1979-05-27\n", 1, "a date or time is not a duration"},
      {"expire_after = \"0s\"\n", 1, "is too small"},
      {"resolver = \"dns.example.org\"\n", 1, "is not an IP address"},
      {"resolver = [\"127.0.0.1:0\"]\n", 1, "a port that is not from 1 to 65535"},
      {"resolver = \"[::1\"\n", 1, "a [ without its ]"},
      {"resolver = [\"::1\", \"::1\"]\n", 1, "stands there twice"},
      {"senders = 0\n", 1, "a number from 1 to 10000"},
      {"senders = \"200\"\n", 1, "is not a number"},
      {"senders = 2.5\n", 1, "a fraction is not a number"},
      {"senders = -1\n", 1, "is below 0"},
      {"size_max = \"100M\"\n", 1, "MB, GB (powers of 1000)"},
      {"size_max = \"MB\"\n", 1, "is not a number with a unit"},
      {"size_max = true\n", 1, "is not a size"},
      {"queue_free_min = \"100%\"\n", 1, "from 0% to 99%"},
      {"queue_free_min = []\n", 1, "without anything in it"},
      {"hops_max = 0\n", 1, "is too small"},
      {"remove_sync = \"bach\"\n", 1, "did you mean \"batch\"?"},
      {"public_ips = [\"300.0.0.1\"]\n", 1, "is not an IP address"},
  }));
}

Test(config_errors, a_transport_has_a_name_a_type_and_what_the_type_needs) {
  expect_complaints(std::to_array<Row>({
      {"[transport.a]\nhelo = \"a\"\n", 1, "has no type; write type = "},
      {"[transport.a]\ntype = \"smpt\"\n", 2, "did you mean \"smtp\"?"},
      {"[transport.a]\ntype = 1\n", 2, "is no type of transport"},
      {"[transport.\"a b\"]\ntype = \"fail\"\n", 1, "is not of letters"},
      {"[transport.\"\"]\ntype = \"fail\"\n", 1, "is not of letters"},
      {"[transport.direct]\ntype = \"smtp\"\n", 2, "always of type \"direct\""},
      {"[transport.my.relay]\ntype = \"fail\"\n", 1, "[transport.\"my.relay\"]"},
      {"[transport]\nhost = \"a\"\n", 2, "write [transport.NAME]"},
      {"transport = 1\n", 1, "write [transport.NAME]"},
      {"defaults = 1\n", 1, "write [defaults]"},
      {"[defaults]\ntype = \"smtp\"\n", 2, "type cannot be a default"},
      {"[transport.a]\ntype = \"smtp\"\n", 1, "needs host"},
      {"[transport.a]\ntype = \"submission\"\n", 1, "needs host"},
      {"[transport.a]\ntype = \"submissions\"\n", 1, "needs host"},
      {"[transport.a]\ntype = \"socks\"\n", 1, "needs proxy"},
  }));
}

Test(config_errors, a_transport_has_one_way_of_sending) {
  expect_complaints(std::to_array<Row>({
      {"[transport.a]\ntype = \"smtp\"\nhost = \"a\"\nproxy = \"1.2.3.4:5\"\n", 4,
       "it belongs to type \"socks\""},
      {"[transport.a]\ntype = \"socks\"\nproxy = \"1.2.3.4:5\"\nhost = \"a\"\n", 4,
       "it belongs to type \"smtp\", \"submission\", \"submissions\" or \"lmtp\""},
      {"[transport.direct]\nhost = \"a\"\n", 2, "no key of a transport of type \"direct\""},
      {"[transport.direct]\ncode = 550\n", 2, "it belongs to type \"fail\""},
      {"[transport.a]\ntype = \"fail\"\nport = 25\n", 3, "no key of a transport of type \"fail\""},
  }));
}

Test(config_errors, keys_that_need_each_other) {
  expect_complaints(std::to_array<Row>({
      {"[transport.a]\ntype = \"smtp\"\nhost = \"a\"\nuser = \"u\"\n", 4,
       "user without credential"},
      {"[transport.a]\ntype = \"smtp\"\nhost = \"a\"\ncredential = \"c\"\n", 4,
       "credential without user"},
      {"[transport.direct]\nclient_cert = \"/a\"\n", 2, "client_cert without client_key"},
      {"[transport.direct]\nclient_key = \"/a\"\n", 2, "client_key without client_cert"},
      {"[transport.a]\ntype = \"submissions\"\nhost = \"a\"\ntls = \"off\"\n", 4,
       "TLS from the first byte"},
      {"[defaults]\ntls = \"off\"\n[transport.a]\ntype = \"submissions\"\nhost = \"a\"\n", 2,
       "transport \"a\": tls = \"off\""},
      {"[transport.a]\ntype = \"smtp\"\nhost = \"a\"\ncleartext_auth = true\n", 4,
       "only with tls = \"off\""},
      {"[transport.a]\ntype = \"smtp\"\nhost = \"a\"\ntls = \"off\"\nuser = \"u\"\n"
       "credential = \"c\"\nmechanisms = [\"PLAIN\", \"LOGIN\"]\n",
       7, "none of these mechanisms may be used"},
      {"[transport.a]\ntype = \"smtp\"\nhost = \"a\"\nmechanisms = [\"EXTERNAL\"]\n", 4,
       "EXTERNAL logs in by a certificate"},
      {"[transport.a]\ntype = \"smtp\"\nhost = \"a\"\nuser = \"u\"\ncredential = \"c\"\n"
       "client_cert = \"/a\"\nclient_key = \"/a\"\nmechanisms = [\"EXTERNAL\"]\n",
       8, "EXTERNAL takes no credential"},
  }));
}

Test(config_errors, values_of_a_transport) {
  const auto rows = std::to_array<Row>({
      {"helo = \"[1.2.3]\"", 2, "is not an address literal"},
      {"source = [\"192.0.2.1\", \"x\"]", 2, "is not an IP address"},
      {"family = \"ipv5\"", 2, "did you mean \"ipv4\"?"},
      {"tls = \"on\"", 2, "\"off\", \"opportunistic\", \"required\" or \"verified\""},
      {"tls = false", 2, "is not one of its words"},
      {"ca = \"ca.pem\"", 2, "does not begin with /"},
      {"pin = \"sha256//AAAA\"", 2, "is not the base64 of 32 bytes"},
      {"pin = \"AAAA\"", 2, "does not begin with sha256//"},
      {"connections = 0", 2, "is too small"},
      {"recipients_per_message = 2001", 2, "a number from 1 to 2000"},
      {"messages_per_connection = \"many\"", 2, "is not a number"},
      {"rate = 100", 2, "is not a rate"},
      {"rate = \"100\"", 2, "does not say in what time"},
      {"rate = \"0/m\"", 2, "no number above 0"},
      {"rate = \"1 per minute\"", 2, "no number above 0 before a slash"},
      {"rate = \"1/w\"", 2, "has an unknown unit"},
      {"rate = \"1/2d\"", 2, "from 1s to 1d"},
      {"timeout_connect = 30", 2, "has no unit"},
      {"timeout_final = \"2h\"", 2, "is too large"},
      {"local_hosts = \"true\"", 2, "is not true or false"},
      {"dkim = 1", 2, "is not true or false"},
      {"null_sender = \"bounces\"", 2, "is not a mail address with a domain"},
      {"spf = \"\"", 2, "is empty"},
      {"spf = \"192.0.2.0/33\"", 2, "has a prefix length that is none"},
      {"spf = \"ip4:2001:db8::1\"", 2, "of the other family"},
      {"spf = \"include:a b\"", 2, "is not a domain name"},
      {"spf = \"exists:%{i}.example.net\"", 2, "is not an IP address"},
      {"spf = [\"a.example\", \"include:a.example\"]", 2, "stands there twice"},
      {"port = 0", 2, "a number from 1 to 65535"},
      {"port = 65536", 2, "is too large"},
      {"port = \"25\"", 2, "is not a number"},
  });
  for (const Row& row : rows) {
    const std::string text = "[transport.direct]\n" + std::string(row.text) + "\n";
    expect_complaints(std::array<Row, 1>{{{text.c_str(), row.line, row.says}}});
    const std::string as_default = "[defaults]\n" + std::string(row.text) + "\n";
    expect_complaints(std::array<Row, 1>{{{as_default.c_str(), row.line, row.says}}});
  }
}

Test(config_errors, values_of_one_type_of_transport) {
  expect_complaints(std::to_array<Row>({
      {"[transport.a]\ntype = \"smtp\"\nhost = \"smtp.example:25\"\n", 3, "holds a port"},
      {"[transport.a]\ntype = \"smtp\"\nhost = \"[smtp.example]\"\n", 3, "has brackets"},
      {"[transport.a]\ntype = \"smtp\"\nhost = \"smtp://smtp.example\"\n", 3, "is a URL"},
      {"[transport.a]\ntype = \"smtp\"\nhost = \"a\"\npassword = \"x\"\n", 4,
       "waypost credential add NAME asks for it"},
      {"[transport.a]\ntype = \"smtp\"\nhost = \"300.1.2.3\"\n", 3, "is not an IP address"},
      {"[transport.a]\ntype = \"smtp\"\nhost = \"a..b\"\n", 3, "is not a domain name"},
      {"[transport.a]\ntype = \"smtp\"\nhost = \"\"\n", 3, "is empty"},
      {"[transport.a]\ntype = \"smtp\"\nhost = \"h\"\nmechanisms = [\"PLIAN\"]\n", 4,
       "did you mean \"PLAIN\"?"},
      {"[transport.a]\ntype = \"smtp\"\nhost = \"h\"\nmechanisms = [\"PLAIN\", \"plain\"]\n", 4,
       "stands there twice"},
      {"[transport.a]\ntype = \"smtp\"\nhost = \"h\"\nmechanisms = []\n", 4,
       "without anything in it"},
      {"[transport.a]\ntype = \"smtp\"\nhost = \"h\"\nuser = \"a b\"\ncredential = \"c\"\n", 4,
       "holds a space"},
      {"[transport.a]\ntype = \"smtp\"\nhost = \"h\"\nuser = \"u\"\ncredential = \"c/d\"\n", 5,
       "is not a name of letters"},
      {"[transport.a]\ntype = \"socks\"\nproxy = \"10.9.0.1\"\n", 3, "has no port"},
      {"[transport.a]\ntype = \"socks\"\nproxy = \"socks5://10.9.0.1:1\"\n", 3, "is a URL"},
      {"[transport.a]\ntype = \"socks\"\nproxy = \"10.9.0.1:port\"\n", 3, "from 1 to 65535"},
      {"[transport.a]\ntype = \"socks\"\nproxy = \"10.9.0.300:1080\"\n", 3, "is not an IP address"},
      {"[transport.a]\ntype = \"socks\"\nproxy = \"h:1\"\nresolve = \"remote\"\n", 4,
       "\"local\" or \"proxy\""},
      {"[transport.a]\ntype = \"socks\"\nproxy = \"h:1\"\nremote_ips = [\"h\"]\n", 4,
       "is not an IP address"},
      {"[transport.a]\ntype = \"fail\"\ncode = 450\n", 3, "a number from 500 to 599"},
      {"[transport.a]\ntype = \"fail\"\ntext = \"a\\nb\"\n", 3, "do not print"},
  }));
}

Test(config_errors, rules) {
  expect_complaints(std::to_array<Row>({
      {"[[route]]\nto = [\"example.com\"]\n", 1, "a rule without transport"},
      {"[[route]]\ntransport = \"\"\n", 2, "is empty"},
      {"[transport.relay]\ntype = \"fail\"\n[[route]]\n\ntransport = \"relai\"\n", 5,
       "did you mean \"relay\"?"},
      {"[[route]]\ntransport = \"nowhere\"\n", 2, "there is no \"nowhere\"; write \"direct\""},
      {"[[route]]\ntransport = \"aliases\"\n", 2, "nothing by a rule; write \"direct\""},
      {"[[route]]\ntransport = \"direct\"\nattempt = 0\n", 3, "a number from 1 to"},
      {"[[route]]\ntransport = \"direct\"\nattempt = -4\n", 3, "is below 0"},
      {"[[route]]\ntransport = \"direct\"\nattempt = \"4\"\n", 3, "is not a number"},
      {"[[route]]\ntransport = \"direct\"\nto = [\"*.example.com\"]\n", 3, "holds a star"},
      {"[[route]]\ntransport = \"direct\"\nto = [\"a@example.com\"]\n", 3, "is an address"},
      {"[[route]]\ntransport = \"direct\"\nto = [\"a\",\n\"exa mple.com\"]\n", 4,
       "is not a domain name"},
      {"[[route]]\ntransport = \"direct\"\nto = [\"..example.com\"]\n", 3, "is not a domain name"},
      {"[[route]]\ntransport = \"direct\"\nto = [\"[192.0.2]\"]\n", 3, "is not an address literal"},
      {"[[route]]\ntransport = \"direct\"\nfrom = []\n", 3, "without anything in it"},
      {"[[route]]\ntransport = \"direct\"\nfrom = \"-a.example\"\n", 3, "is not a domain name"},
      {"[[route]]\ntransport = \"direct\"\nafter = [\"block\"]\n", 3, "did you mean \"blocked\"?"},
      {"[[route]]\ntransport = \"direct\"\nafter = [\"mailbox\"]\n", 3,
       "refused whichever way the mail comes"},
      {"[[route]]\ntransport = \"direct\"\nafter = [\"content\"]\n", 3,
       "it is the message that was refused"},
      {"[[route]]\ntransport = \"direct\"\nafter = [\"dns\", \"dns\"]\n", 3, "stands there twice"},
      {"[[route]]\ntransport = \"direct\"\nafter = []\n", 3, "without anything in it"},
      {"[route]\ntransport = \"direct\"\n", 1, "in double brackets: [[route]]"},
      {"route = [1]\n", 1, "in double brackets"},
  }));
}

Test(config_errors, names_of_domains_and_accounts) {
  expect_complaints(std::to_array<Row>({
      {"[[domain.example.org.route]]\ntransport = \"direct\"\n", 1,
       "[[domain.\"example.org\".route]]"},
      {"\n[domain.mail.example.org]\n", 2, "quotes: [domain.\"mail.example.org\"]"},
      {"[[domain.example.route]]\ntransport = \"direct\"\n"
       "[[domain.example.org.route]]\ntransport = \"direct\"\n",
       3, "[[domain.\"example.org\".route]]"},
      {"[[account.first.last.route]]\ntransport = \"direct\"\n", 1,
       "[[account.\"first.last\".route]]"},
      {"[[domain.\"a@b\".route]]\ntransport = \"direct\"\n", 1, "is an address"},
      {"[[domain.\".example.org\".route]]\ntransport = \"direct\"\n", 1,
       "from = [\".example.org\"]"},
      {"[[domain.\"Example.org\".route]]\ntransport = \"direct\"\n"
       "[[domain.\"example.ORG\".route]]\ntransport = \"direct\"\n",
       3, "is the same domain as on line 1"},
      {"[[domain.\"b\xC3\xBC"
       "cher.example\".route]]\ntransport = \"direct\"\n"
       "[[domain.\"xn--bcher-kva.example\".route]]\ntransport = \"direct\"\n",
       3, "is the same domain as on line 1"},
      {"[domain]\nroute = 1\n", 2, "stands in [domain] itself"},
      {"domain = 1\n", 1, "domain is not a table"},
      {"[account.alice.route]\ntransport = \"direct\"\n", 1, "[[account.alice.route]]"},
      {"[[account.\"a\\nb\".route]]\ntransport = \"direct\"\n", 1, "is no name"},
      {"[[account.\"\".route]]\ntransport = \"direct\"\n", 1, "is no name"},
  }));
}

Test(config_errors, all_come_in_one_run_in_the_order_of_their_lines) {
  const auto snapshot = configure("zeta = 1\n"
                                  "alpha = 1\n"
                                  "[transport.z]\n"
                                  "type = \"smtp\"\n"
                                  "[transport.a]\n"
                                  "type = \"socks\"\n"
                                  "[[route]]\n"
                                  "transport = \"y\"\n"
                                  "[defaults]\n"
                                  "port = 0\n",
                                  "waypost.toml");
  cr_assert(!snapshot.has_value());
  const auto want = std::to_array<unsigned>({1, 2, 3, 5, 8, 10});
  cr_assert(snapshot.error().size() == want.size(), "%s", listed(snapshot.error()).c_str());
  for (std::size_t i = 0; i < want.size(); ++i)
    cr_expect(snapshot.error()[i].line == want[i], "%s", listed(snapshot.error()).c_str());
}

Test(config_errors, what_is_shown_is_safe_to_print) {
  for (const char* text : {"hostname = \"a\\u001b[31m\\nb\"\n", "hostname = n\x1b[31m\n",
                           "[\x1b[31m]\n", "[transport.\"a\\u001bb.c\".d]\ntype = \"fail\"\n",
                           "[[account.\"\\u009b\".route]]\ntransport = \"direct\"\n",
                           "[transport.\"\\u001b\"]\nx = 1\n", "\"\\u202e\" = 1\n",
                           "[[route]]\ntransport = \"\\u001b\"\n"}) {
    const auto snapshot = configure(text, "waypost.toml");
    cr_assert(!snapshot.has_value(), "%s", text);
    for (const Complaint& one : snapshot.error())
      cr_expect(printable(one.text) == one.text, "%s", text);
  }
}

Test(config_errors, settings_that_outgrow_their_first_read_are_refused) {
  std::string text = "public_ips = [";
  for (int i = 0; i < 600; ++i)
    text += "\"192.0." + std::to_string(i / 256) + "." + std::to_string(i % 256) + "\",";
  const auto snapshot = configure(text + "]\n", "waypost.toml");
  cr_assert(!snapshot.has_value());
  cr_expect(snapshot.error()[0].text.find("shorten") != std::string::npos);
}

} // namespace waypost::route
