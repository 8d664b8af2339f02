// Whom TLS is spoken with: certificates, names, pins, our own certificate, versions, and sessions
// that are resumed.

#include <criterion/criterion.h>

#include <filesystem>
#include <openssl/tls1.h>
#include <openssl/x509.h>

#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/dns_server.h"
#include "tests/unit/deliver/scripted_server.h"
#include "tests/unit/deliver/test_file.h"

using namespace waypost;
using namespace waypost::test;

namespace {

// A server with STARTTLS, for one connection.
ScriptedServer::Play over(const TlsServer& tls, std::function<void(const TlsEnd&)> look = {}) {
  return [&tls, look](Script& peer) {
    peer.greet("250-test\r\n250 STARTTLS\r\n");
    peer.answer("220 go\r\n");
    const TlsEnd& end = peer.start_tls(tls);
    if (look) look(end);
    peer.answer("250 test\r\n");
    take_mail(peer);
    peer.hear();
  };
}

Transport with_tls(const ScriptedServer& server, TlsPolicy policy) {
  Transport transport = smarthost(server.port());
  transport.tls = policy;
  return transport;
}

// To user@example.test, whose MX is mx.example.test.
std::vector<JobResult> directly(Transport transport) {
  DnsServer dns({"example.test MX 10 mx.example.test", "mx.example.test A 127.0.0.1"});
  Settings settings;
  settings.hostname = "me.test";
  settings.resolvers = {dns.address()};
  transport.type = TransportType::direct;
  transport.local_hosts = true;
  Delivery delivery(transport, "example.test", settings);
  delivery.give(job_for({}), Letter().text);
  return delivery.results();
}

std::string reply_of(const std::vector<JobResult>& results) {
  return results.empty() ? "(none)" : results.back().transaction.groups[0].outcome.reply;
}

} // namespace

Test(tls_trust, verified_wants_a_valid_certificate_for_one_of_the_names) {
  const TestCertificate authority({.authority = true});
  const TestCertificate stranger({.authority = true});
  const TestFile ca(authority.pem());
  struct Row {
    const char* what;
    CertificateWish wish;
    const char* why; // empty: delivered
  };
  const std::vector<Row> rows = {
      {"the MX host's name", {.names = {"DNS:mx.example.test"}, .issuer = &authority}, ""},
      {"the recipient's domain", {.names = {"DNS:example.test"}, .issuer = &authority}, ""},
      {"one name of several",
       {.names = {"DNS:a.test", "DNS:mx.example.test"}, .issuer = &authority},
       ""},
      {"a wildcard", {.names = {"DNS:*.example.test"}, .issuer = &authority}, ""},
      {"a wildcard of a part",
       {.names = {"DNS:m*.example.test"}, .issuer = &authority},
       "hostname"},
      {"another name", {.names = {"DNS:mx.example.org"}, .issuer = &authority}, "hostname"},
      {"a name below it", {.names = {"DNS:a.mx.example.test"}, .issuer = &authority}, "hostname"},
      {"its address, where it has a name",
       {.names = {"IP:127.0.0.1"}, .issuer = &authority},
       "hostname"},
      {"expired",
       {.names = {"DNS:mx.example.test"}, .begins_s = -7200, .ends_s = -60, .issuer = &authority},
       "expired"},
      {"not yet valid",
       {.names = {"DNS:mx.example.test"}, .begins_s = 3600, .ends_s = 7200, .issuer = &authority},
       "not yet valid"},
      {"signed by itself", {.names = {"DNS:mx.example.test"}}, "self-signed"},
      {"signed by a stranger",
       {.names = {"DNS:mx.example.test"}, .issuer = &stranger},
       "unable to get local issuer"},
  };
  for (const Row& row : rows) {
    const TlsServer tls(row.wish);
    ScriptedServer server({over(tls)});
    Transport transport = with_tls(server, TlsPolicy::verified);
    transport.ca = ca.path();
    const std::vector<JobResult> results = directly(transport);
    const std::string expected = *row.why == 0 ? "0:delivered:250" : "0:deferred:tls";
    cr_expect(summary(results) == expected, "%s: %s", row.what, summary(results).c_str());
    cr_expect(reply_of(results).find(row.why) != std::string::npos, "%s: %s", row.what,
              reply_of(results).c_str());
    for (const std::string& line : server.heard())
      cr_expect(expected.ends_with("250") || !line.starts_with("MAIL"), "%s: %s", row.what,
                line.c_str());
  }
}

Test(tls_trust, a_smarthost_that_is_an_address_has_it_in_its_certificate) {
  const TestCertificate authority({.authority = true});
  const TestFile ca(authority.pem());
  for (const char* const name : {"IP:127.0.0.1", "IP:127.0.0.2", "DNS:127.0.0.1"}) {
    const TlsServer tls({.names = {name}, .issuer = &authority});
    std::string asked = "-";
    ScriptedServer server({over(tls, [&](const TlsEnd& end) { asked = end.asked_name(); })});
    Transport transport = with_tls(server, TlsPolicy::verified);
    transport.ca = ca.path();
    const std::vector<JobResult> results = Delivery::of({}, transport);
    const bool right = std::string_view(name) == "IP:127.0.0.1";
    cr_expect(summary(results) == (right ? "0:delivered:250" : "0:deferred:tls"), "%s: %s", name,
              summary(results).c_str());
    server.heard();
    expect_same(asked, ""); // RFC 6066 3
  }
}

Test(tls_trust, a_host_with_a_name_is_asked_for_by_it) {
  const TlsServer tls({.names = {"DNS:else.test"}});
  std::string asked;
  ScriptedServer server({over(tls, [&](const TlsEnd& end) { asked = end.asked_name(); })});
  expect_summary(directly(with_tls(server, TlsPolicy::required)), "0:delivered:250");
  server.heard();
  expect_same(asked, "mx.example.test");
}

Test(tls_trust, an_authority_may_lie_in_a_folder) {
  const TestCertificate authority({.authority = true});
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("waypost-ca-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  char name[16];
  std::snprintf(
      name, sizeof name, "%08lx.0",
      X509_NAME_hash_ex(X509_get_subject_name(authority.x509()), nullptr, nullptr, nullptr));
  std::FILE* const file = std::fopen((folder / name).c_str(), "w");
  std::fputs(authority.pem().c_str(), file);
  std::fclose(file);
  const TlsServer tls({.names = {"DNS:mx.example.test"}, .issuer = &authority});
  ScriptedServer server({over(tls)});
  Transport transport = with_tls(server, TlsPolicy::verified);
  transport.ca = folder;
  expect_summary(directly(transport), "0:delivered:250");
  std::filesystem::remove_all(folder);
}

Test(tls_trust, files_that_cannot_be_read_defer_and_are_named) {
  const TlsServer tls({.names = {"DNS:mx.example.test"}});
  struct Row {
    std::string Transport::* file;
    const char* words;
  };
  for (const Row& row :
       {Row{&Transport::ca, "ca /nowhere"}, Row{&Transport::client_cert, "client_cert /nowhere"}}) {
    ScriptedServer server({over(tls)});
    Transport transport = with_tls(server, TlsPolicy::verified);
    transport.*row.file = "/nowhere";
    const std::vector<JobResult> results = directly(transport);
    expect_summary(results, "0:deferred:tls");
    cr_expect(reply_of(results).starts_with(row.words), "%s", reply_of(results).c_str());
  }
}

Test(tls_trust, a_pinned_key_is_taken_and_another_refused) {
  const TlsServer tls({.names = {"DNS:else.test"}});
  const std::string other = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  struct Row {
    std::vector<std::string> pins;
    const char* expected;
  };
  for (const Row& row : {Row{{tls.pin()}, "0:delivered:250"}, Row{{other}, "0:deferred:tls"},
                         Row{{other, tls.pin()}, "0:delivered:250"}}) {
    ScriptedServer server({over(tls)});
    Transport transport = with_tls(server, TlsPolicy::required);
    transport.pin = row.pins;
    const std::vector<JobResult> results = Delivery::of({}, transport);
    cr_expect(summary(results) == row.expected, "%s: %s", row.expected, summary(results).c_str());
  }
}

Test(tls_trust, our_own_certificate_is_shown_where_it_is_demanded) {
  const TestCertificate authority({.authority = true});
  const TestCertificate ours({.names = {"DNS:me.test"}, .issuer = &authority});
  const TestFile certificate(ours.pem());
  const TestFile key(ours.key_pem());
  const TestFile both(ours.pem() + ours.key_pem());
  struct Row {
    std::string certificate;
    std::string key;
    const char* expected;
  };
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsServer tls({.names = {"DNS:else.test"}});
    tls.demand(authority);
    tls.speak_at_most(version);
    for (const Row& row :
         {Row{certificate.path(), key.path(), "0:delivered:250"},
          Row{both.path(), "", "0:delivered:250"}, Row{"", "", "0:deferred:tls"}}) {
      ScriptedServer server({over(tls)});
      Transport transport = with_tls(server, TlsPolicy::required);
      transport.client_cert = row.certificate;
      transport.client_key = row.key;
      const std::vector<JobResult> results = Delivery::of({}, transport);
      cr_expect(summary(results) == row.expected, "TLS %x, %s: %s (%s)", version, row.expected,
                summary(results).c_str(), reply_of(results).c_str());
    }
  }
}

Test(tls_trust, nothing_older_than_tls_1_2_is_spoken) {
  for (const int version : {TLS1_1_VERSION, TLS1_2_VERSION}) {
    TlsServer tls({.names = {"DNS:else.test"}});
    tls.speak_at_most(version);
    ScriptedServer server({over(tls)});
    const std::vector<JobResult> results = Delivery::of({}, with_tls(server, TlsPolicy::required));
    const bool right = version == TLS1_2_VERSION;
    cr_expect(summary(results) == (right ? "0:delivered:250" : "0:deferred:tls"), "%x: %s", version,
              summary(results).c_str());
    if (right) cr_expect(results.back().transaction.tls.starts_with("TLSv1.2 "));
  }
}

Test(tls_trust, where_tls_is_opportunistic_an_old_server_gets_its_mail_in_clear_text) {
  TlsServer tls({.names = {"DNS:else.test"}});
  tls.speak_at_most(TLS1_1_VERSION);
  ScriptedServer server({over(tls), [](Script& peer) {
                           peer.greet("250 test\r\n");
                           take_mail(peer);
                         }});
  const std::vector<JobResult> results =
      Delivery::of({}, with_tls(server, TlsPolicy::opportunistic));
  expect_summary(results, "0:delivered:250");
  cr_expect(has_step(results, "connected again without TLS"));
}

Test(tls_trust, the_second_connection_resumes_the_session_of_the_first) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsServer tls({.names = {"DNS:else.test"}});
    tls.speak_at_most(version);
    std::vector<bool> resumed;
    const auto play = over(tls, [&](const TlsEnd& end) { resumed.push_back(end.resumed()); });
    ScriptedServer server({play, play, play});
    Transport transport = with_tls(server, TlsPolicy::required);
    transport.messages_per_connection = 1;
    transport.connections = 1;
    transport.pin = {tls.pin()}; // is checked on a resumed session as well
    std::vector<JobResult> results;
    {
      Delivery delivery(transport);
      for (std::uint64_t i = 1; i <= 3; ++i)
        delivery.give(job_for({}, i), Letter().text);
      results = delivery.results(3);
    }
    server.heard();
    expect_summary(results, "0:delivered:250 0:delivered:250 0:delivered:250");
    cr_expect(resumed == std::vector<bool>({false, true, true}), "TLS %x", version);
    cr_expect(results.front().transaction.tls.ends_with(" unverified"));
    cr_expect(results.back().transaction.tls.ends_with(" unverified resumed"), "%s",
              results.back().transaction.tls.c_str());
  }
}

Test(tls_trust, a_session_is_resumed_with_its_own_host_only) {
  const TlsServer tls({.names = {"DNS:else.test"}});
  std::vector<bool> resumed;
  const auto play = over(tls, [&](const TlsEnd& end) { resumed.push_back(end.resumed()); });
  ScriptedServer server({play, play}, "0.0.0.0");
  Transport transport = with_tls(server, TlsPolicy::required);
  transport.messages_per_connection = 1;
  transport.connections = 1;
  transport.type = TransportType::direct;
  transport.local_hosts = true;
  DnsServer dns({"example.test MX 10 a.example.test", "example.test MX 20 b.example.test",
                 "a.example.test A 127.0.0.1", "b.example.test A 127.0.0.2"});
  Settings settings;
  settings.hostname = "me.test";
  settings.resolvers = {dns.address()};
  Delivery delivery(transport, "example.test", settings);
  delivery.give(job_for({}, 1), Letter().text);
  delivery.results(1);
  Job second = job_for({}, 2);
  second.prefer = "127.0.0.2";
  delivery.give(second, Letter().text);
  expect_summary(delivery.results(2), "0:delivered:250 0:delivered:250");
  server.heard();
  cr_expect(resumed == std::vector<bool>({false, false}));
}

Test(tls_trust, a_session_over_which_a_server_fails_is_tried_once) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsServer tls({.names = {"DNS:else.test"}});
    tls.speak_at_most(version);
    tls.choke_on_tickets();
    const auto fails = [&](Script& peer) {
      peer.greet("250-test\r\n250 STARTTLS\r\n");
      peer.answer("220 go\r\n");
      peer.start_tls(tls);
    };
    const auto in_clear = [](Script& peer) {
      peer.greet("250 test\r\n");
      take_mail(peer);
      peer.hear();
    };
    ScriptedServer server({over(tls), fails, in_clear, over(tls)});
    Transport transport = with_tls(server, TlsPolicy::opportunistic);
    transport.messages_per_connection = 1;
    transport.connections = 1;
    Delivery delivery(transport);
    for (std::uint64_t i = 1; i <= 3; ++i)
      delivery.give(job_for({}, i), Letter().text);
    const std::vector<JobResult> results = delivery.results(3);
    expect_summary(results, "0:delivered:250 0:delivered:250 0:delivered:250");
    cr_expect(results[1].transaction.tls.empty(), "TLS %x: %s", version,
              results[1].transaction.tls.c_str());
    cr_expect(results[2].transaction.tls.ends_with(" unverified"), "TLS %x: %s", version,
              results[2].transaction.tls.c_str());
  }
}
