// Mistakes of TOML itself, and keys and tables that are none, with the words that help.
#include "tests/unit/route/complaint_rows.h"

namespace waypost::route {

Test(config_syntax, syntax_is_told_with_its_line_and_what_was_likely_meant) {
  expect_complaints(std::to_array<Row>({
      {"senders = 1\nhostname = mail.example.org\n", 2, "needs quotes"},
      {"retry = [7m30s]\n", 1, "needs quotes"},
      {"[transport.a]\ntype = \"fail\"\n\n[transport.a]\ntype = \"fail\"\n", 4, "only once"},
      {"senders = 1\nsenders = 2\n", 2, "only once"},
      {"\n[[account.smtp:alice.route]]\n", 2, "[[account.\"smtp:alice\".route]]"},
      {"\n[[account.alice@b.route]]\n", 2, "quote the name, as in [[account.\"alice@b\".route]]"},
      {"hostname = \"a\n", 1, "a text ends with a quote on its line"},
      {"hostname = 'a\n", 1, "a text ends with a quote on its line"},
      {"hostname = \"\\q\"\n", 1, "write \\\\ for a backslash"},
      {"[[route\n", 1, "close it on its line"},
      {"[transport.a]]\n", 1, "as many brackets close as open"},
      {"[transport.a] type = \"fail\"\n", 1, "nothing may follow the bracket"},
      {"retry = [\"1h\" \"2h\"]\n", 1, "a comma between two values"},
      {"retry = [\"1h\"", 1, "the list has no ]"},
      {"hostname =\n", 1, "write a value behind the ="},
      {"host name = 1\n", 1, "a key has no spaces"},
      {"= 1\n", 1, "write KEY = VALUE"},
      {"senders = tru\n", 1, "write true or false"},
      {"senders = 1_\n", 1, "one value stands on a line"},
      {"x = {a = 1,\n b = 2}\n", 1, "{ } must close on its line"},
      {"\xff = 1\n", 1, "stands without quotes"},
      {"senders = 1 # \xff\n", 1, "save the file in UTF-8"},
      {"senders =\xC2\xA0 1\n", 1, "only plain spaces"},
      {"hostname = \"a\"\npostmaster = \xE2\x80\x9C"
       "a@b\xE2\x80\x9D\n",
       2, "quotes like \""},
      {"senders = 1\n[!]\n", 2, "saw '!'"},
      {"\n[[\xC3\xA4]]\n", 2, "stands without quotes"},
  }));
}

Test(config_syntax, unknown_keys_are_told_with_the_nearest_or_their_right_place) {
  expect_complaints(std::to_array<Row>({
      {"hostnam = \"a\"\n", 1, "did you mean \"hostname\"?"},
      {"\nfoo = 1\n", 2, "waypost.toml(5)"},
      {"[transports.a]\n", 1, "did you mean \"transport\"?"},
      {"connections = 3\n", 1, "it belongs in a [transport.NAME], or in [defaults]"},
      {"type = \"smtp\"\n", 1, "it belongs in a [transport.NAME]"},
      {"attempt = 3\n", 1, "it belongs in a [[route]]"},
      {"[defaults]\nretry = [\"1s\"]\n", 2, "above the first line that begins with ["},
      {"[transport.direct]\n\nhostname = \"a\"\n", 3, "above the first line"},
      {"[transport.direct]\ntimeout_conect = \"1s\"\n", 2, "did you mean \"timeout_connect\"?"},
      {"[[route]]\ntransport = \"direct\"\ntoo = [\"a\"]\n", 3, "did you mean \"to\"?"},
      {"[[route]]\ntransport = \"direct\"\nhelo = \"a\"\n", 3, "it belongs in a [transport.NAME]"},
      {"[account.alice]\nrout = 1\n", 2, "did you mean \"route\"?"},
      {"[account.alice]\ntransport = \"direct\"\n", 2, "it belongs in a [[route]]"},
      {"conections = 3\n", 1, "did you mean \"connections\"? It belongs in a [transport.NAME]"},
      {"[defaults]\nhopsmax = 3\n", 2, "did you mean \"hops_max\"? It belongs to the whole file"},
      {"[[route]]\ntransport = \"direct\"\nremote_ip = \"a\"\n", 3, "did you mean \"remote_ips\"?"},
      {"[[routes]]\n", 1, "did you mean \"route\"?"},
      {"[[domains.\"a\".route]]\n", 1, "did you mean \"domain\"?"},
      {"[domain.\"a.example\"]\ndkim_selector = \"a\"\n", 2, "did you mean \"dkim_selectors\"?"},
      {"[account.alice]\ndkim_selectors = \"a\"\n", 2, "it belongs in a [domain.\"NAME\"]"},
      {"dkim_selectors = \"a\"\n", 1, "it belongs in a [domain.\"NAME\"]"},
      {"[domain.a.example]\ndkim_sign = \"a\"\n", 1, "needs quotes: [domain.\"a.example\"]"},
      {"[domain.\"a.example\"]\ndkim_sign = \"-a\"\n", 2, "is no selector"},
      {"[acount.alice]\n", 1, "did you mean \"account\"?"},
      {"[default]\n", 1, "did you mean \"defaults\"?"},
  }));
}

} // namespace waypost::route
