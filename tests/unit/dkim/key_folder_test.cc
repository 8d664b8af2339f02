// Keys: which are taken, which files are trusted, and that none is written over.
#include <array>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dkim/key_command.h"
#include "dkim/key_folder.h"
#include "dkim/sign_command.h"
#include "tests/unit/dkim/rfc_messages.h"

using namespace waypost;
using namespace waypost::dkim;

namespace {

// A 768-bit RSA key, an elliptic curve, an encrypted key, as openssl(1) made them.
constexpr const char* kSmall = "-----BEGIN PRIVATE KEY-----\n"
                               "MIIB5QIBADANBgkqhkiG9w0BAQEFAASCAc8wggHLAgEAAmEAy+QgW/BtuQy/uX9A\n"
                               "XoT2IPttDHAL9DrtaMHeNKdsjMUNvmRH5CsJtUIcRsBK73bi1CUG20tYgvSQyasE\n"
                               "+Z6hcjXGMmsudiQupxTfCyHy6PM6sFj7zpN4+BMADxSwouLjAgMBAAECYQCkFOlp\n"
                               "s9pJMpZUbLDbn/sHXe9LNByappWKWYI+M4Jq4uYFk2Q7ndsJMLPayENF5RCDvKjO\n"
                               "K2pUXZSSgYgtycdhXMx6V8KX0LBlPwWbNvNEPgaMPH48Ec2bB6XYNWsgmjECMQDy\n"
                               "G3aGvbgL9n/eEdrzZogeJfTKj94O4jZ9EcWWzuAWbrVgiyIs5rd/IUj3G+HuEBkC\n"
                               "MQDXl0VhxPQ/y1LZvEOpPOTO8oQGJDmWUd/nkxsc//8dUeBHDqIJeHsROsCpUOn5\n"
                               "ulsCMFmQ6V9djln2nkVUS7DiDJdCqXXKlXbiHxBT48ovzFzgJf+KWWFNFTNV5/1q\n"
                               "9kEw+QIxAMgX9CNMA036TgkcPMgkZlDUsUhp8rDbiK6L0AxYZNU3mqsYn7eehMp2\n"
                               "9z2uhZpsJQIwOcsL8b6+D2jmVBrsk/iFqDYuQpidxHka9xzolKsraysBob43jB5h\n"
                               "sa0EWlpkYZE4\n"
                               "-----END PRIVATE KEY-----\n";
constexpr const char* kCurve = "-----BEGIN PRIVATE KEY-----\n"
                               "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgHmE9FR7YXEac14sw\n"
                               "FtUq562v3Y8D3z19QVeLdtBrN7ihRANCAATZlhPVu2SVx64QF3a/nBI/BeQykb3Q\n"
                               "fFkgjiA7k3YjzqIjqfNybcS/gq8+flJ+89Z/ZVtZ/8r6NDsmzaA9sVuk\n"
                               "-----END PRIVATE KEY-----\n";
constexpr const char* kLocked = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                                "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgnS3WcroXGJAICCAAw\n"
                                "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEBLwkajBQQJgxa6AfC9zIJIEQOZ5\n"
                                "JNU2wmDwKeGLTDI4rwLzHTp2zKB6Y5VbGtBigkOAmzNFy3QXKNURQhzFncwwtgFq\n"
                                "q54qwlIkaQdXRbFV9GU=\n"
                                "-----END ENCRYPTED PRIVATE KEY-----\n";

class Scratch {
public:
  Scratch() {
    char name[] = "/tmp/waypost-unit-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] std::string keys() const { return path_ + "/dkim"; }
  // An open file of these bytes, at its beginning.
  [[nodiscard]] Fd file(std::string_view bytes) const {
    const std::string name = path_ + "/file";
    std::ofstream(name) << bytes;
    return Fd(::open(name.c_str(), O_RDWR | O_CLOEXEC));
  }

private:
  std::string path_;
};

mode_t mode_of(const std::string& path) {
  struct stat st{};
  cr_assert(::stat(path.c_str(), &st) == 0, "%s", path.c_str());
  return st.st_mode & 07777;
}

std::string content(int fd) {
  std::string text(1'000'000, '\0');
  const ssize_t n = ::pread(fd, text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(n));
  return text;
}

// What run_sign writes for a message, which comes by a pipe or is a file.
std::string signed_by(const Scratch& scratch, const Arguments& arguments, std::string_view message,
                      bool by_pipe) {
  RealFs fs;
  const KeyFolder keys(fs, scratch.keys());
  const Fd out(::memfd_create("out", MFD_CLOEXEC));
  Fd in = scratch.file(message);
  if (by_pipe) {
    int ends[2];
    cr_assert(::pipe2(ends, O_CLOEXEC) == 0);
    in = Fd(ends[0]);
    const Fd write(ends[1]);
    cr_assert(fs.write_all(write.get(), message).has_value());
  }
  const Result<Streams> streams = open_streams(arguments, in.get(), out.get());
  cr_assert(streams.has_value());
  const Result<> done = run_sign(fs, arguments, keys, *streams);
  return done ? content(out.get()) : "!" + done.error().text;
}

Arguments arguments_for(std::vector<Arguments::Selector> selectors) {
  Arguments arguments;
  arguments.selectors = std::move(selectors);
  arguments.time = 1;
  return arguments;
}

} // namespace

Test(dkim_keys, are_made_kept_and_never_written_over) {
  const Scratch scratch;
  RealFs fs;
  KeyFolder keys(fs, scratch.keys());
  for (const KeyType type : {KeyType::rsa, KeyType::ed25519}) {
    Arguments arguments = arguments_for({{type == KeyType::rsa ? "rsa" : "ed", ""}});
    arguments.domain = "a.test";
    arguments.type = type;
    arguments.bits = 1024;
    const auto said = run_keygen(arguments, keys);
    cr_assert(said.has_value(), "%s", said.error().text.c_str());
    const std::string path = keys.path("a.test", arguments.selectors[0].name);
    cr_expect(mode_of(path) == 0600, "%o", mode_of(path));
    cr_expect(said->contains(path) && said->contains("._domainkey.a.test. IN TXT ("));
    cr_expect(said->ends_with(*run_record(arguments, keys)));
    cr_expect(keys.read("a.test", arguments.selectors[0].name)->type() == type);
    const std::string before = content(Fd(::open(path.c_str(), O_RDONLY)).get());
    const auto again = run_keygen(arguments, keys);
    cr_assert(!again && again.error().code == EEXIST);
    cr_expect(again.error().text.contains("there already"));
    cr_expect(content(Fd(::open(path.c_str(), O_RDONLY)).get()) == before);
  }
  cr_expect(mode_of(scratch.keys()) == 0700 && mode_of(scratch.keys() + "/a.test") == 0700);
  cr_expect(std::filesystem::directory_iterator(scratch.keys() + "/a.test")->exists());
}

Test(dkim_keys, a_group_of_readers_may_read_and_not_change_them) {
  const Scratch scratch;
  RealFs fs;
  KeyFolder keys(fs, scratch.keys(), ::getegid());
  cr_assert(keys.add("a.test", "s", *Key::parse(test::kEd25519KeyOf8463)).has_value());
  cr_expect(mode_of(keys.path("a.test", "s")) == 0640);
  cr_expect(mode_of(scratch.keys()) == 0750 && mode_of(scratch.keys() + "/a.test") == 0750);
  cr_expect(keys.read("a.test", "s").has_value());
}

Test(dkim_keys, files_that_others_can_read_or_change_are_refused) {
  const Scratch scratch;
  RealFs fs;
  KeyFolder keys(fs, scratch.keys());
  cr_assert(keys.add("a.test", "s", *Key::parse(test::kEd25519KeyOf8463)).has_value());
  const std::string path = keys.path("a.test", "s");
  struct Row {
    mode_t mode;
    const char* why; // "": it is taken
  };
  for (const Row& row : std::to_array<Row>({{0600, ""},
                                            {0400, ""},
                                            {0640, ""},
                                            {0644, "others may read it (mode 0644); chmod 600"},
                                            {0604, "others may read"},
                                            {0620, "others may change"},
                                            {0602, "others may change"}})) {
    cr_assert(::chmod(path.c_str(), row.mode) == 0);
    const auto key = keys.read("a.test", "s");
    const std::string got = key ? "" : key.error().text;
    cr_expect(*row.why == '\0' ? got.empty() : got.contains(row.why) && got.contains(path),
              "%o: %s", row.mode, got.c_str());
  }
  cr_expect(keys.read("a.test", "absent").error().code == ENOENT);
  cr_expect(keys.read("../a.test", "s").error().text.contains("not a domain"));
  cr_expect(keys.read("a.test", "../../etc/x").error().text.contains("not a selector"));
  cr_assert(::mkfifo((scratch.keys() + "/a.test/fifo.pem").c_str(), 0600) == 0);
  cr_expect(keys.read("a.test", "fifo").error().text.contains("it is no file"));
}

Test(dkim_keys, what_no_verifier_takes_is_refused) {
  cr_expect(Key::parse(kSmall).error().text.contains("768 bits are too few"));
  cr_expect(Key::parse(kCurve).error().text.contains("neither an RSA nor an Ed25519"));
  cr_expect(Key::parse(kLocked).error().text.contains("without a passphrase"));
  cr_expect(Key::parse("").error().text.contains("no private key"));
  cr_expect(!Key::generate(KeyType::rsa, 768).has_value());
  cr_expect(!Key::generate(KeyType::rsa, 8192).has_value());
}

Test(dkim_sign, writes_fields_whose_lines_end_as_those_of_the_message) {
  const Scratch scratch;
  RealFs fs;
  KeyFolder keys(fs, scratch.keys());
  cr_assert(keys.add("a.test", "ed", *Key::parse(test::kEd25519KeyOf8463)).has_value());
  cr_assert(keys.add("a.test", "rsa", *Key::parse(test::kRsaKeyOf8463)).has_value());
  Arguments arguments = arguments_for({{"rsa", ""}, {"ed", ""}});
  const std::string lf = "From: x@sub.a.test\nSubject: y\n\nhello\n";
  const std::string crlf = "From: x@sub.a.test\r\nSubject: y\r\n\r\nhello\r\n";
  const std::string field = signed_by(scratch, arguments, lf, true);
  const std::string wire = signed_by(scratch, arguments, crlf, false);
  cr_expect(field.contains("d=a.test; s=rsa;") && field.contains("d=a.test; s=ed;"), "%s",
            field.c_str());
  cr_expect(!field.contains('\r') && field.ends_with('\n'));
  std::string without = wire;
  std::erase(without, '\r');
  cr_expect(without == field && wire.ends_with("\r\n"), "the same signatures");
  arguments.whole = true;
  for (const bool by_pipe : {false, true}) {
    cr_expect(signed_by(scratch, arguments, lf, by_pipe) == field + lf, "%d", by_pipe);
    cr_expect(signed_by(scratch, arguments, crlf, by_pipe) == wire + crlf, "%d", by_pipe);
  }
}

Test(dkim_sign, without_a_key_or_an_author_nothing_is_written) {
  const Scratch scratch;
  RealFs fs;
  KeyFolder keys(fs, scratch.keys());
  cr_assert(keys.add("a.test", "s", *Key::parse(test::kEd25519KeyOf8463)).has_value());
  Arguments arguments = arguments_for({{"s", ""}});
  arguments.whole = true;
  struct Row {
    const char* message;
    const char* why;
  };
  for (const Row& row :
       std::to_array<Row>({{"From: x@b.test\n\n", "b.test/s.pem: No such file"},
                           {"From: x@nota.test\n\n", "nota.test/s.pem: No such file"},
                           {"To: x@a.test\n\n", "no From field"},
                           {"", "no From field"}})) {
    const std::string said = signed_by(scratch, arguments, row.message, true);
    cr_expect(said.starts_with('!') && said.contains(row.why), "%s", said.c_str());
  }
  arguments.manner.identity = "@c.test";
  cr_expect(signed_by(scratch, arguments, "From: x@a.test\n\n", true).contains("-i must be of"));
}
