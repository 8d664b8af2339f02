#include "sasl/scram.h"

#include <utility>

#include "sasl/base64.h"
#include "sasl/later.h"
#include "sasl/scram_message.h"

namespace waypost::sasl {

Scram::Scram(Digest digest, ScramBinding binding, std::string name, std::string nonce,
             ScramKeySource& keys)
    : digest_(digest),
      binding_(std::move(binding)),
      nonce_(std::move(nonce)),
      bare_("n=" + std::move(name) + ",r=" + nonce_),
      keys_(keys) {}

std::string Scram::fresh_nonce() {
  unsigned char random[18];
  ::randombytes_buf(random, sizeof random);
  const Secret text = encode_base64({reinterpret_cast<const char*>(random), sizeof random});
  return std::string(view(text));
}

std::string Scram::gs2_header() const {
  switch (binding_.gs2) {
  case Gs2::bound: return "p=" + binding_.type + ",,";
  case Gs2::could: return "y,,";
  case Gs2::cannot: break;
  }
  return "n,,";
}

std::optional<Secret> Scram::initial() {
  state_ = State::said_first;
  return joined({gs2_header(), bare_});
}

Result<Secret> Scram::respond(std::string_view challenge) {
  const State before = std::exchange(state_, State::failed);
  if (before == State::said_first) {
    Result<Secret> answer = answer_first(challenge);
    if (!answer && is_later(answer.error())) state_ = before;
    return answer;
  }
  if (before == State::said_final) return check_final(challenge);
  return fail("SCRAM: a challenge where none is due");
}

Result<Secret> Scram::answer_first(std::string_view challenge) {
  const Result<ServerFirst> first = parse_server_first(challenge, nonce_);
  if (!first) return std::unexpected(first.error());
  const Result<ScramKeys> keys = keys_.keys(digest_, first->salt, first->iterations);
  if (!keys) return std::unexpected(keys.error());
  // RFC 5802 6: cbind-input is the header, and behind it the data where there is any.
  const std::string bound = binding_.gs2 == Gs2::bound ? binding_.bytes : std::string();
  const Secret cbind = encode_base64(gs2_header() + bound);
  const std::string unproven = "c=" + std::string(view(cbind)) + ",r=" + first->nonce;
  const std::string auth_message = bare_ + ',' + std::string(challenge) + ',' + unproven;
  const Result<Secret> stored_key = hash(digest_, view(keys->client_key));
  if (!stored_key) return std::unexpected(stored_key.error());
  const Result<Secret> signature = hmac(digest_, view(*stored_key), auth_message);
  Result<Secret> server = hmac(digest_, view(keys->server_key), auth_message);
  if (!signature || !server) return fail("SCRAM: no signature could be made");
  Secret proof = *signature;
  for (std::size_t i = 0; i < proof.size(); ++i)
    proof[i] = static_cast<char>(proof[i] ^ keys->client_key[i]);
  server_signature_ = std::move(*server);
  state_ = State::said_final;
  return joined({unproven, ",p=", view(encode_base64(view(proof)))});
}

Result<Secret> Scram::check_final(std::string_view challenge) {
  const Result<ServerFinal> last = parse_server_final(challenge);
  if (!last) return std::unexpected(last.error());
  if (!last->error.empty()) {
    reason_ = last->error;
    return Secret(); // its refusal follows
  }
  if (!equal(last->signature, view(server_signature_)))
    return fail("SCRAM: the server's signature is wrong: it does not know the password");
  state_ = State::proven;
  return Secret();
}

Result<> Scram::accepted() {
  if (state_ == State::proven) return {};
  state_ = State::failed;
  return fail("SCRAM: the server accepts without having proven that it knows the password");
}

} // namespace waypost::sasl
