// What is asked: senders and names, arguments, lines of the filter; and how the answer is written.
#include <criterion/criterion.h>

#include "lib/sys/text.h"
#include "spfcheck/arguments.h"
#include "spfcheck/check_host.h"
#include "spfcheck/dns_resolver.h"
#include "spfcheck/names.h"
#include "spfcheck/query_line.h"
#include "spfcheck/received_spf.h"

using namespace waypost;
using namespace waypost::spfcheck;

namespace {

const net::IpAddress kIp = *net::IpAddress::parse("192.0.2.1");

Result<Arguments> parsed(std::vector<std::string> words) {
  words.insert(words.begin(), "waypost-spfcheck");
  std::vector<char*> values;
  for (std::string& one : words)
    values.push_back(one.data());
  values.push_back(nullptr);
  return parse_arguments(static_cast<int>(words.size()), values.data());
}

// A header field's lines, unfolded.
std::string unfolded(std::string header) {
  std::erase(header, '\n');
  return header;
}

} // namespace

Test(query, sender_and_domain) {
  struct Row {
    const char* sender;
    const char* expected;
    const char* domain;
  };
  for (const Row& row : {Row{"alice@example.org", "alice@example.org", "example.org"},
                         Row{"", "postmaster@mail.test", "mail.test"},
                         Row{"<>", "postmaster@mail.test", "mail.test"},
                         Row{"@example.org", "postmaster@example.org", "example.org"},
                         Row{"example.org", "postmaster@example.org", "example.org"},
                         Row{"\"a@b\"@example.org.", "\"a@b\"@example.org", "example.org"},
                         Row{"x@B\xc3\xbc"
                             "cher.test",
                             "x@xn--bcher-kva.test", "xn--bcher-kva.test"}}) {
    const Query query = mail_from_query(kIp, row.sender, "mail.test");
    cr_expect_eq(query.sender, row.expected, "%s: %s", row.sender, query.sender.c_str());
    cr_expect_eq(query.domain, row.domain, "%s: %s", row.sender, query.domain.c_str());
  }
}

Test(query, names_that_can_be_asked_for) {
  const std::string label(63, 'a');
  for (const std::string& good : {std::string("a.b"), label + ".b", std::string("a"),
                                  std::string("a.b."), std::string("a b.c\\")})
    cr_expect(is_name(good), "%s", good.c_str());
  const std::string four = label + "." + label + "." + label + "." + label;
  for (const std::string& bad : {std::string(), std::string("."), std::string("a..b"),
                                 std::string(".a"), label + "a.b", four, std::string("a\0.b", 4)})
    cr_expect(!is_name(bad), "%s", bad.c_str());
  for (const char* const none : {"localhost", "localhost.", "[192.0.2.1]", "b\xc3\xbc.test", ""})
    cr_expect(!is_checkable(none), "%s", none);
  cr_expect(is_within("A.b.c", "B.C.") && is_within("b.c", "b.c"));
  cr_expect(!is_within("ab.c", "b.c") && !is_within("c", "b.c"));
  cr_expect_eq(escaped("a\\b.c"), "a\\\\b.c");
}

Test(arguments, one_query_or_a_filter) {
  const auto one = parsed({"-i", "2001:db8::1", "-f", "a@b.test", "-h", "c.test", "--explain",
                           "--resolver", "127.0.0.1:5300", "--timeout", "3", "-r", "d.test"});
  cr_assert(one.has_value());
  cr_expect(one->explain && !one->json && !one->filter);
  cr_expect_eq(one->timeout_ms, 3'000);
  cr_expect_eq(resolver_port(one->resolvers.at(0)), 5300);
  cr_expect_eq(one->receiver, "d.test");
  cr_expect(parsed({"--filter", "--json", "--explain"}).has_value());
  cr_expect(parsed({"-i", "192.0.2.1", "-h", "c.test"}).has_value());
  const std::vector<std::vector<std::string>> wrong = {
      {"-i", "192.0.2"},
      {"-i", "192.0.2.1"},
      {"-i", "192.0.2.1", "-f", "<>"},
      {"-f", "a@b.test"},
      {"--filter", "-i", "192.0.2.1"},
      {"--filter", "--explain"},
      {"-i", "192.0.2.1", "-f", "a@b.test", "--timeout", "0"},
      {"-x"},
      {"--resolver"},
      {"-i", "192.0.2.1", "-f", "a@b.test", "operand"}};
  for (const auto& words : wrong)
    cr_expect(!parsed(words), "%s", words.back().c_str());
}

Test(arguments, resolvers) {
  struct Row {
    const char* text;
    bool good;
    int port;
  };
  for (const Row& row :
       {Row{"127.0.0.1", true, 53}, Row{"127.0.0.1:5300", true, 5300}, Row{"::1", true, 53},
        Row{"[::1]:5300", true, 5300}, Row{"[::1]", true, 53}, Row{"localhost", false, 53},
        Row{"127.0.0.1:", false, 53}, Row{"127.0.0.1:0", false, 0},
        Row{"127.0.0.1:65536", false, 53}, Row{"", false, 53}}) {
    cr_expect_eq(is_resolver(row.text), row.good, "%s", row.text);
    if (row.good) cr_expect_eq(resolver_port(row.text), row.port, "%s", row.text);
  }
}

Test(query_line, fields) {
  const auto plain = parse_query_line("192.0.2.1  a@b.test mail.test");
  cr_assert(plain.has_value());
  cr_expect_eq(plain->sender, "a@b.test");
  cr_expect_eq(plain->helo, "mail.test");
  const auto tabs = parse_query_line("192.0.2.1\t\"a b\"@b.test\t-");
  cr_assert(tabs.has_value());
  cr_expect_eq(tabs->sender, "\"a b\"@b.test");
  cr_expect_eq(tabs->helo, "");
  cr_expect(parse_query_line("192.0.2.1 <> mail.test").has_value());
  for (const std::string& bad :
       {std::string(), std::string("192.0.2.1"), std::string("x a@b.test"),
        std::string("192.0.2.1 <>"), std::string("192.0.2.1 a b c"),
        std::string("192.0.2.1 a@b\0.test", 20), "192.0.2.1 " + std::string(5'000, 'a')})
    cr_expect(!parse_query_line(bad), "%s", bad.c_str());
}

Test(received_spf, has_what_rfc_7208_9_1_names) {
  Query query = mail_from_query(kIp, "alice@example.org", "mail.test");
  query.receiver = "mx.test";
  CheckResult result;
  result.result = SpfResult::pass;
  result.mechanism = "ip4:192.0.2.0/24";
  const std::string header = received_spf(result, query, "alice@example.org");
  cr_expect_eq(unfolded(header),
               "Received-SPF: pass (mx.test: domain of alice@example.org designates 192.0.2.1 as "
               "permitted sender) receiver=mx.test; client-ip=192.0.2.1; "
               "envelope-from=\"alice@example.org\"; helo=mail.test; "
               "mechanism=\"ip4:192.0.2.0/24\"; identity=mailfrom");
  for (const std::string_view line : split(header, '\n'))
    cr_expect_leq(line.size(), 78);
  result.result = SpfResult::permerror;
  result.why = "no";
  const std::string null = unfolded(received_spf(result, helo_query(kIp, "mail.test"), ""));
  cr_expect(null.ends_with("problem=no; identity=helo"), "%s", null.c_str());
  cr_expect(!null.contains("envelope-from"));
}

// The sender is whoever connects; neither a new line nor the end of a comment is his to write.
Test(received_spf, nothing_that_a_sender_says_ends_a_line_a_comment_or_a_string) {
  const std::string hostile = "a\r\nX: y)(\"\\\x80" + std::string(5'000, '"') + "@example.org";
  Query query = mail_from_query(kIp, hostile, "b\nZ: \"c");
  query.receiver = "mx.test";
  CheckResult result;
  result.result = SpfResult::fail;
  const std::string header = received_spf(result, query, hostile);
  for (std::size_t at = header.find('\n'); at != std::string::npos; at = header.find('\n', at + 1))
    cr_expect_eq(header.at(at + 1), ' ');
  cr_expect(!header.contains('\r') && !header.contains('\x80'));
  cr_expect_lt(header.size(), 4'000);
  int depth = 0;
  bool string = false;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (header[i] == '\\') {
      ++i;
    } else if (header[i] == '"' && depth == 0) {
      string = !string;
    } else if (!string && header[i] == '(') {
      ++depth;
    } else if (!string && header[i] == ')') {
      --depth;
    }
  }
  cr_expect(depth == 0 && !string, "%s", header.c_str());
}
