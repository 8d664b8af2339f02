// zone-check: check_host() over a zone that standard input tells, for the tests that bring records
// from elsewhere. One line, one command; every field but the first is hexadecimal, so that it may
// hold any byte.
//
//   a NAME ADDRESS | mx NAME PREFERENCE HOST | txt NAME TEXT | ptr NAME HOST | cname NAME TARGET
//   timeout NAME TYPE | servfail NAME TYPE | new     (an empty zone)
//   check IP SENDER HELO                             answered by a line of JSON
//   time COUNT IP SENDER HELO                        the same, COUNT times, and how many
//   nanoseconds
#include <cstdio>
#include <ctime>
#include <iostream>
#include <memory>

#include "lib/sys/json.h"
#include "lib/sys/text.h"
#include "spfcheck/check_host.h"
#include "spfcheck/zone.h"

namespace {

using namespace waypost;
using namespace waypost::spfcheck;

[[noreturn]] void refuse(const std::string& line) {
  std::fprintf(stderr, "zone-check: %s\n", line.c_str());
  std::exit(2);
}

std::string unhex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return bytes;
}

net::DnsType type_of(const std::string& name) {
  if (name == "a") return net::DnsType::a;
  if (name == "aaaa") return net::DnsType::aaaa;
  if (name == "mx") return net::DnsType::mx;
  if (name == "ptr") return net::DnsType::ptr;
  if (name == "txt") return net::DnsType::txt;
  refuse("no type: " + name);
}

net::IpAddress address_of(const std::string& text) {
  const auto address = net::IpAddress::parse(text);
  if (!address) refuse("no address: " + text);
  return *address;
}

CheckResult check_once(Zone& zone, const Query& query) {
  net::Task<CheckResult> task = check_host(zone, query);
  task.start();
  if (!task.done()) refuse("a check that waits for something");
  return task.take();
}

void check(Zone& zone, const Query& query) {
  const std::size_t before = zone.asked();
  const CheckResult result = check_once(zone, query);
  JsonObject json;
  json.text("result", name_of(result.result)).text("mechanism", result.mechanism);
  json.text("explanation", result.explanation).text("why", result.why);
  json.number("lookups", static_cast<std::uint64_t>(result.lookups));
  json.number("void_lookups", static_cast<std::uint64_t>(result.void_lookups));
  json.number("asked", zone.asked() - before);
  std::puts(json.str().c_str());
}

std::uint64_t cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

void time_checks(Zone& zone, const Query& query, std::uint64_t count) {
  SpfResult result = SpfResult::none;
  const std::uint64_t begun = cpu_ns();
  for (std::uint64_t i = 0; i < count; ++i)
    result = check_once(zone, query).result;
  JsonObject json;
  json.text("result", name_of(result)).number("nanoseconds", cpu_ns() - begun);
  std::puts(json.str().c_str());
}

void obey(std::unique_ptr<Zone>& zone, const std::string& line) {
  std::vector<std::string> fields;
  for (const std::string_view field : split(line, ' '))
    fields.push_back(fields.empty() ? std::string(field) : unhex(field));
  const std::string verb = fields.front();
  fields.resize(5);
  const std::string& name = fields[1];
  if (verb == "new") {
    zone = std::make_unique<Zone>();
  } else if (verb == "a") {
    zone->add_address(name, address_of(fields[2]));
  } else if (verb == "mx") {
    zone->add_mx(name, static_cast<std::uint16_t>(std::stoi(fields[2])), fields[3]);
  } else if (verb == "txt") {
    zone->add_text(name, fields[2]);
  } else if (verb == "ptr") {
    zone->add_ptr(name, fields[2]);
  } else if (verb == "cname") {
    zone->add_cname(name, fields[2]);
  } else if (verb == "timeout") {
    zone->break_type(name, type_of(fields[2]), net::DnsStatus::timed_out);
  } else if (verb == "servfail") {
    zone->break_type(name, type_of(fields[2]), net::DnsStatus::failed);
  } else if (verb == "check") {
    check(*zone, mail_from_query(address_of(name), fields[2], fields[3]));
  } else if (verb == "time") {
    const Query query = mail_from_query(address_of(fields[2]), fields[3], fields[4]);
    time_checks(*zone, query, std::stoull(name));
  } else {
    refuse("no command: " + verb);
  }
}

} // namespace

int main() {
  auto zone = std::make_unique<Zone>();
  for (std::string line; std::getline(std::cin, line);)
    obey(zone, line);
  return 0;
}
