// Vectors that others have made: the RFCs' examples recomputed, and Wycheproof's. They lie outside
// of this project; without them these tests are skipped, and say so.

#include <criterion/criterion.h>
#include <fstream>
#include <map>
#include <optional>
#include <utility>

#include "sasl/base64.h"
#include "sasl/cram_md5.h"
#include "sasl/digest.h"
#include "sasl/scram.h"
#include "tests/unit/sasl/derive_keys.h"

using namespace waypost;
using namespace waypost::sasl;
using namespace waypost::test;

namespace {

using Vector = std::map<std::string, std::string>;

// The objects of a file that has one `"key": value` on a line; each ends with its `last` key.
std::vector<Vector> read_vectors(const std::string& name, const std::string& last) {
  std::ifstream in("../shared/data/" + name);
  std::vector<Vector> all;
  Vector one;
  for (std::string line; std::getline(in, line);) {
    const std::size_t open = line.find('"');
    const std::size_t colon = line.find("\": ");
    if (open == std::string::npos || colon == std::string::npos) continue;
    const std::string key = line.substr(open + 1, colon - open - 1);
    std::string value = line.substr(colon + 3);
    if (value.ends_with(',')) value.pop_back();
    if (value.starts_with('"')) value = value.substr(1, value.size() - 2);
    one[key] = value;
    if (key == last) all.push_back(std::exchange(one, {}));
  }
  if (all.empty()) cr_skip("skipped: ../shared/data/%s is not there", name.c_str());
  return all;
}

std::string unhex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", static_cast<unsigned char>(c));
    text += two;
  }
  return text;
}

void check_hmac(const char* file, Digest digest) {
  int checked = 0;
  for (const Vector& one : read_vectors(file, "result")) {
    const auto mac = hmac(digest, unhex(one.at("key")), unhex(one.at("msg")));
    cr_assert(mac.has_value());
    const std::string& tag = one.at("tag");
    const bool same = hex(view(*mac)).starts_with(tag);
    cr_expect_eq(same, one.at("result") == "valid", "%s %s", file, one.at("tcId").c_str());
    ++checked;
  }
  cr_expect(checked > 100, "%d", checked);
}

void check_pbkdf2(const char* file, Digest digest) {
  int checked = 0;
  for (const Vector& one : read_vectors(file, "result")) {
    const auto rounds = static_cast<std::uint32_t>(std::stoul(one.at("iterationCount")));
    if (rounds > 100'000) continue; // seconds, and the loop is the same
    // In slices of any size it is the same; SCRAM wants the first block alone.
    const auto key = salted_password(digest, unhex(one.at("password")), unhex(one.at("salt")),
                                     rounds, 1 + static_cast<std::uint32_t>(checked) % 7);
    cr_assert(key.has_value());
    const std::string wanted = one.at("dk").substr(0, 2 * size_of(digest));
    cr_expect(hex(view(*key)).starts_with(wanted), "%s %s", file, one.at("tcId").c_str());
    ++checked;
  }
  cr_expect(checked > 50, "%d", checked);
}

class Derives final : public ScramKeySource {
public:
  explicit Derives(std::string password) : password_(std::move(password)) {}
  Result<ScramKeys> keys(Digest digest, std::string_view salt, std::uint32_t iterations) override {
    return derive_scram_keys(digest, password_, salt, iterations);
  }

private:
  std::string password_;
};

} // namespace

Test(outside_vectors, hmac_sha1) {
  check_hmac("wycheproof/testvectors_v1/hmac_sha1_test.json", Digest::sha1);
}
Test(outside_vectors, hmac_sha256) {
  check_hmac("wycheproof/testvectors_v1/hmac_sha256_test.json", Digest::sha256);
}
Test(outside_vectors, pbkdf2_sha1) {
  check_pbkdf2("wycheproof/testvectors_v1/pbkdf2_hmacsha1_test.json", Digest::sha1);
}
Test(outside_vectors, pbkdf2_sha256) {
  check_pbkdf2("wycheproof/testvectors_v1/pbkdf2_hmacsha256_test.json", Digest::sha256);
}

Test(outside_vectors, scram_of_the_rfcs) {
  int checked = 0;
  for (const Vector& one : read_vectors("sasl/rfc-vectors.json", "server_final")) {
    const bool sha1 = one.at("mech") == "SCRAM-SHA-1";
    Derives keys(one.at("password"));
    Scram scram(sha1 ? Digest::sha1 : Digest::sha256, {}, one.at("user"), one.at("client_nonce"),
                keys);
    cr_expect(view(*scram.initial()) == one.at("client_first"));
    const auto last = scram.respond(one.at("server_first"));
    cr_assert(last.has_value());
    cr_expect(view(*last) == one.at("client_final"), "%s", one.at("source").c_str());
    cr_expect(scram.respond(one.at("server_final")).has_value());
    cr_expect(scram.accepted().has_value());
    ++checked;
  }
  cr_expect_eq(checked, 2);
}

Test(outside_vectors, cram_md5_of_the_rfc) {
  for (const Vector& one : read_vectors("sasl/rfc-vectors.json", "response")) {
    CramMd5 mechanism(one.at("user"), secret_of(one.at("password")));
    const auto response = mechanism.respond(one.at("challenge"));
    cr_assert(response.has_value());
    cr_expect(view(*response) == one.at("response"));
  }
}
