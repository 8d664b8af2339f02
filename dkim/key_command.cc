#include "dkim/key_command.h"

#include "dkim/zone_record.h"

namespace waypost::dkim {
namespace {

Result<std::string> record_of(const Arguments& arguments, const Key& key) {
  const Result<std::string> text = key.dns_record();
  if (!text) return text;
  return zone_record(record_name(arguments.domain, arguments.selectors.front().name), *text);
}

} // namespace

Result<std::string> run_keygen(const Arguments& arguments, KeyFolder& keys) {
  const std::string& selector = arguments.selectors.front().name;
  const Result<Key> key = Key::generate(arguments.type, arguments.bits);
  if (!key) return std::unexpected(key.error());
  const Result<std::string> record = record_of(arguments, *key);
  if (!record) return record;
  const Result<> added = keys.add(arguments.domain, selector, *key);
  if (!added) return std::unexpected(added.error());
  return "; The key is in " + keys.path(arguments.domain, selector) +
         "\n; Publish this record, then sign with it:\n" + *record;
}

Result<std::string> run_record(const Arguments& arguments, const KeyFolder& keys) {
  const Result<Key> key = keys.read(arguments.domain, arguments.selectors.front().name);
  if (!key) return std::unexpected(key.error());
  return record_of(arguments, *key);
}

} // namespace waypost::dkim
