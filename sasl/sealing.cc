#include "sasl/sealing.h"

#include "lib/mail/record.h"
#include "lib/sys/names.h"
#include "lib/sys/netstring.h"
#include "lib/sys/text.h"
#include "sasl/base64.h"

namespace waypost::sasl {
namespace {

constexpr std::size_t kPadding = 256;

constexpr Names<SecretKind, 3> kKinds{{{SecretKind::password, "password"},
                                       {SecretKind::token, "token"},
                                       {SecretKind::token_command, "command"}}};

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* raw(char* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

std::string head_of(std::string_view name, SecretKind kind) {
  return std::string(name) + '\n' + std::string(sasl::name(kind)) + '\n';
}

} // namespace

std::string_view name(SecretKind kind) {
  return word_of(kKinds, kind);
}

std::optional<SecretKind> parse_secret_kind(std::string_view word) {
  return value_of(kKinds, word);
}

std::string PublicKey::id() const {
  unsigned char digest[crypto_generichash_BYTES_MIN];
  ::crypto_generichash(digest, sizeof digest, raw(bytes), bytes.size(), nullptr, 0);
  char text[17];
  ::sodium_bin2hex(text, sizeof text, digest, 8);
  return text;
}

KeyPair new_key_pair() {
  KeyPair pair{{std::string(crypto_box_PUBLICKEYBYTES, '\0')}, Secret(crypto_box_SECRETKEYBYTES)};
  ::crypto_box_keypair(raw(pair.open.bytes.data()), raw(pair.secret.data()));
  return pair;
}

Result<KeyPair> key_pair_of(Secret secret) {
  if (secret.size() != crypto_box_SECRETKEYBYTES) return fail("it is no secret key");
  KeyPair pair{{std::string(crypto_box_PUBLICKEYBYTES, '\0')}, std::move(secret)};
  if (::crypto_scalarmult_base(raw(pair.open.bytes.data()), raw(pair.secret.data())) != 0)
    return fail("it is no secret key");
  return pair;
}

SealedCredential seal(std::string_view name, SecretKind kind, WallUs added, std::string_view secret,
                      const PublicKey& key) {
  Secret plain = joined({head_of(name, kind), secret});
  const std::size_t size = plain.size();
  std::size_t padded = 0;
  plain.resize((size / kPadding + 1) * kPadding);
  ::sodium_pad(&padded, raw(plain.data()), size, kPadding, plain.size());
  SealedCredential sealed{std::string(name), kind, added, key.id(),
                          std::string(plain.size() + crypto_box_SEALBYTES, '\0')};
  ::crypto_box_seal(raw(sealed.sealed.data()), raw(view(plain)), plain.size(), raw(key.bytes));
  return sealed;
}

Result<Secret> unseal(const SealedCredential& credential, const KeyPair& key) {
  const std::string& sealed = credential.sealed;
  if (sealed.size() <= crypto_box_SEALBYTES) return fail("it is damaged: too short");
  Secret plain(sealed.size() - crypto_box_SEALBYTES);
  const int opened = ::crypto_box_seal_open(raw(plain.data()), raw(sealed), sealed.size(),
                                            raw(key.open.bytes), raw(view(key.secret)));
  if (opened != 0) return fail("it is damaged, or sealed to another key");
  std::size_t size = 0;
  if (::sodium_unpad(&size, raw(view(plain)), plain.size(), kPadding) != 0)
    return fail("it is damaged: its padding");
  const std::string head = head_of(credential.name, credential.kind);
  const std::string_view all = view(plain).substr(0, size);
  if (!all.starts_with(head)) return fail("it was sealed under another name or kind");
  return secret_of(all.substr(head.size()));
}

std::string encode(const SealedCredential& credential) {
  Record record;
  record.add("type", "credential").add("name", credential.name);
  record.add("kind", name(credential.kind));
  record.add_number("added", static_cast<std::uint64_t>(credential.added));
  record.add("key", credential.key).add("sealed", view(encode_base64(credential.sealed)));
  std::string bytes;
  append_netstring(bytes, record.encode());
  return bytes;
}

Result<SealedCredential> decode_credential(std::string_view bytes) {
  const auto frame = take_netstring(bytes, kMaxCredentialFile);
  if (!frame || !*frame || !bytes.empty()) return fail("it is no credential, or damaged");
  const Result<Record> record = Record::decode(**frame);
  if (!record || record->get("type") != "credential") return fail("it is no credential");
  const auto kind = parse_secret_kind(record->get("kind"));
  const auto added = record->number("added");
  std::optional<std::string> sealed = decode_base64(record->get("sealed"));
  if (!kind || !added || *added > INT64_MAX || !sealed) return fail("it is damaged");
  return SealedCredential{std::string(record->get("name")), *kind, static_cast<WallUs>(*added),
                          std::string(record->get("key")), std::move(*sealed)};
}

} // namespace waypost::sasl
