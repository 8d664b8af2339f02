#include "lib/mail/login.h"

#include <criterion/criterion.h>

using waypost::LoginAnswer;
using waypost::LoginQuery;
using waypost::LoginScope;
using waypost::Record;
using waypost::TlsPolicy;
using waypost::Transport;
using waypost::TransportType;

namespace {

LoginScope scope() {
  LoginScope one;
  one.transport = "ses";
  one.host = "email-smtp.example.net";
  one.port = 587;
  one.user = "AKIA";
  one.credential = "ses";
  one.mechanisms = {"SCRAM-SHA-256", "PLAIN"};
  one.tls = TlsPolicy::verified;
  one.cleartext_auth = true;
  return one;
}

LoginQuery query(LoginQuery::Kind kind) {
  LoginQuery one;
  one.kind = kind;
  one.login = 7;
  if (kind == LoginQuery::Kind::challenge) one.text = "cj1m";
  if (kind != LoginQuery::Kind::begin) return one;
  one.offered = {"PLAIN", "LOGIN"};
  one.tls = true;
  one.binding_type = "tls-exporter";
  one.binding = std::string("\x00\xff\x10", 3);
  return one;
}

Record record_of(std::initializer_list<std::pair<const char*, const char*>> fields) {
  Record record;
  for (const auto& [key, value] : fields)
    record.add(key, value);
  return record;
}

} // namespace

Test(login, scope_is_read_as_it_was_written) {
  const auto read = waypost::login_scope(to_record(scope()));
  cr_assert(read.has_value());
  cr_expect(*read == scope());
}

Test(login, queries_are_read_as_they_were_written) {
  for (const auto kind : {LoginQuery::Kind::begin, LoginQuery::Kind::challenge,
                          LoginQuery::Kind::accepted, LoginQuery::Kind::dropped}) {
    const auto read = waypost::login_query(to_record(query(kind)));
    cr_assert(read.has_value());
    cr_expect(*read == query(kind), "%d", static_cast<int>(kind));
  }
}

Test(login, answers_are_read_as_they_were_written) {
  LoginAnswer auth;
  auth.kind = LoginAnswer::Kind::auth;
  auth.login = 3;
  auth.mechanism = "PLAIN";
  LoginAnswer empty = auth;
  empty.initial = ""; // not the same as none
  LoginAnswer response;
  response.kind = LoginAnswer::Kind::response;
  LoginAnswer proven;
  proven.kind = LoginAnswer::Kind::proven;
  LoginAnswer cancel;
  cancel.kind = LoginAnswer::Kind::cancel;
  cancel.text = "SCRAM: the salt has less than 8 bytes";
  LoginAnswer refused;
  refused.text = "no mechanism in common";
  for (const LoginAnswer& one : {auth, empty, response, proven, cancel, refused}) {
    const auto read = waypost::login_answer(to_record(one));
    cr_assert(read.has_value());
    cr_expect(*read == one, "kind %d", static_cast<int>(one.kind));
  }
}

Test(login, what_lacks_a_field_or_holds_nonsense_is_refused) {
  cr_expect(!waypost::login_scope(record_of({{"type", "begin"}})));
  cr_expect(!waypost::login_scope(record_of(
      {{"type", "scope"}, {"transport", "a"}, {"host", "h"}, {"port", "0"}, {"tls", "off"}})));
  cr_expect(!waypost::login_scope(record_of(
      {{"type", "scope"}, {"transport", "a"}, {"host", "h"}, {"port", "25"}, {"tls", "perhaps"}})));
  cr_expect(!waypost::login_scope(
      record_of({{"type", "scope"}, {"transport", "a"}, {"port", "25"}, {"tls", "off"}})));
  cr_expect(!waypost::login_query(record_of({{"type", "begin"}})));
  cr_expect(!waypost::login_query(record_of({{"type", "scope"}, {"login", "1"}})));
  for (const char* const hex : {"", "0", "0g", "0A"}) {
    cr_expect(!waypost::login_query(record_of({{"type", "begin"},
                                               {"login", "1"},
                                               {"binding_type", "tls-exporter"},
                                               {"binding", hex}})),
              "%s", hex);
  }
  cr_expect(!waypost::login_answer(record_of({{"type", "auth"}, {"login", "1"}})));
  cr_expect(!waypost::login_answer(record_of({{"type", "proven"}})));
  Record many = record_of({{"type", "begin"}, {"login", "1"}});
  for (std::size_t i = 0; i <= waypost::kMaxOfferedMechanisms; ++i)
    many.add("offered", "X");
  cr_expect(!waypost::login_query(many));
}

Test(login, only_transports_with_a_credential_log_in) {
  Transport transport;
  transport.type = TransportType::submission;
  cr_expect(!logs_in(transport), "without a credential");
  transport.mechanisms = {"EXTERNAL"};
  cr_expect(logs_in(transport), "EXTERNAL needs none");
  transport.mechanisms.clear();
  transport.credential = "ses";
  for (const auto type : {TransportType::smtp, TransportType::submission,
                          TransportType::submissions, TransportType::socks}) {
    transport.type = type;
    cr_expect(logs_in(transport));
  }
  for (const auto type : {TransportType::direct, TransportType::fail}) {
    transport.type = type;
    cr_expect(!logs_in(transport));
  }
}

Test(login, scope_of_a_transport_holds_what_the_configuration_says) {
  Transport transport;
  transport.name = "ses";
  transport.type = TransportType::submission;
  transport.host = "email-smtp.example.net";
  transport.port = 587;
  transport.user = "AKIA";
  transport.credential = "ses";
  transport.mechanisms = {"SCRAM-SHA-256", "PLAIN"};
  transport.tls = TlsPolicy::verified;
  transport.cleartext_auth = true;
  cr_expect(scope_of(transport) == scope());
}

// RFC 1929: in clear text, whatever the mail servers behind the proxy are spoken to with.
Test(login, scope_of_a_login_to_a_proxy_is_that_proxy) {
  Transport transport;
  transport.name = "otherip";
  transport.type = TransportType::socks;
  transport.proxy = "10.9.0.1:1080";
  transport.user = "alice";
  transport.credential = "proxy";
  transport.tls = TlsPolicy::verified;
  const waypost::LoginScope scope = scope_of(transport);
  cr_expect(scope.host == "10.9.0.1:1080" && scope.user == "alice" && scope.credential == "proxy");
  cr_expect(scope.mechanisms == std::vector<std::string>{"PLAIN"});
  cr_expect(scope.tls == waypost::TlsPolicy::off && scope.cleartext_auth);
}
