// Any message, as a signer reads it: the outcome does not depend on how the bytes come; the
// canonical body is what a plain reading of RFC 6376 3.4 makes of the wire form; what is signed has
// its fields in lines that every server takes; a rewritten header is the old one but for senders.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dkim/author.h"
#include "dkim/message.h"
#include "dkim/rewriting.h"
#include "dkim/signature.h"
#include "dkim/signed_fields.h"

namespace {

using namespace waypost::dkim;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string wire_form(std::string_view bytes) {
  waypost::WireForm wire;
  std::string out;
  while (!bytes.empty())
    out += wire.next(bytes);
  out += wire.finish();
  return out;
}

// Slow and simple: the whole body as text.
std::string canonical_body(std::string_view rest, Canonical form) {
  std::string out;
  while (!rest.empty()) {
    const std::size_t end = rest.find("\r\n");
    std::string line(rest.substr(0, end));
    rest.remove_prefix(end + 2);
    if (form == Canonical::relaxed) {
      std::string reduced;
      for (const char c : line) {
        const bool white = c == ' ' || c == '\t';
        if (white && reduced.ends_with(' ')) continue;
        reduced += white ? ' ' : c;
      }
      if (reduced.ends_with(' ')) reduced.pop_back();
      line = reduced;
    }
    out += line + "\r\n";
  }
  while (out.ends_with("\r\n\r\n"))
    out.resize(out.size() - 2);
  if (out == "\r\n") out.clear();
  if (out.empty() && form == Canonical::simple) out = "\r\n";
  return out;
}

std::string sha256(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hash.finish();
}

Message read(std::string_view bytes, Canonical form, std::size_t step) {
  Message message(form);
  for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size())))
    require(message.take(bytes.substr(0, step)).has_value());
  require(message.finish().has_value());
  return message;
}

void check_body(std::string_view wire, const Message& message, Canonical form) {
  const std::string header = message.header().wire();
  require(wire.starts_with(header) && header.size() == message.header().bytes());
  wire.remove_prefix(header.size());
  if (message.header().body_begin().empty() && !wire.empty()) {
    require(wire.starts_with("\r\n"));
    wire.remove_prefix(2);
  }
  require(message.body_hash() == sha256(canonical_body(wire, form)));
}

void check_signature(const Message& message) {
  static const Key key =
      *Key::parse("-----BEGIN PRIVATE KEY-----\n"
                  "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                  "-----END PRIVATE KEY-----\n");
  const auto field =
      signature_field({"a.test", "s", &key}, {}, message.header().fields(), message.body_hash());
  require(field.has_value() != names_to_sign(message.header().fields()).empty());
  if (!field) return;
  std::string_view rest = *field;
  while (!rest.empty()) {
    const std::size_t end = rest.find("\r\n");
    require(end != std::string_view::npos && end <= 78);
    require(rest.substr(0, end).find_first_of("\r\n") == std::string_view::npos);
    rest.remove_prefix(end + 2);
  }
}

// Whoever takes the rewritten header in place of the old one has the same message but for senders,
// and rewriting it once more changes nothing.
void check_rewriting(std::string_view text) {
  static const waypost::Snapshot snapshot = [] {
    waypost::Snapshot one;
    one.settings.hostname = "host.test";
    one.settings.from_rewrite = "me@home.test";
    return one;
  }();
  const waypost::SenderRewriting rewriting(snapshot, "alice");
  const Message before = read(text, Canonical::relaxed, 7);
  Message message = read(text, Canonical::relaxed, 7);
  const std::size_t skip = rewrite_header(rewriting, message.header());
  const std::string old = before.header().wire();
  const std::string wire = message.header().wire();
  require(skip <= old.size() && (skip == 0) == (wire == old));
  require(wire.ends_with(std::string_view(old).substr(skip)));
  Message again = read(wire + "\r\n", Canonical::relaxed, 7);
  require(again.header().wire() == wire);
  require(again.header().fields().size() == before.header().fields().size());
  require(rewrite_header(rewriting, again.header()) == 0);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::string wire = wire_form(text);
  for (const Canonical form : {Canonical::simple, Canonical::relaxed}) {
    const Message whole = read(text, form, size + 1);
    const Message pieces = read(text, form, 1);
    require(whole.body_hash() == pieces.body_hash());
    require(whole.header().wire() == pieces.header().wire());
    check_body(wire, whole, form);
  }
  const Message message = read(text, Canonical::relaxed, 5);
  for (const Field& field : message.header().fields()) {
    const std::string canonical = canonical_field(field, Canonical::relaxed);
    const Field again{canonical, canonical.find(':')};
    require(canonical_field(again, Canonical::relaxed) == canonical);
  }
  const auto domain = author_domain(message.header());
  require(!domain || !domain->empty());
  check_signature(message);
  check_rewriting(text);
  return 0;
}
