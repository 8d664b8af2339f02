// The field that is written: its tags, its lines, and how it is asked for.
#include <array>
#include <criterion/criterion.h>

#include "dkim/arguments.h"
#include "dkim/message.h"
#include "dkim/zone_record.h"
#include "lib/sys/text.h"
#include "tests/unit/dkim/rfc_messages.h"

using namespace waypost;
using namespace waypost::dkim;

namespace {

const std::string kBodyBytes(32, 'h');

std::vector<Field> fields_of(std::string_view header) {
  Message message(Canonical::relaxed);
  cr_assert(message.take(header).has_value() && message.finish().has_value());
  return message.header().fields();
}

std::string unfolded(std::string text) {
  for (std::size_t at = text.find("\r\n\t"); at != std::string::npos; at = text.find("\r\n\t", at))
    text.replace(at, 3, " ");
  return text;
}

Result<Arguments> parsed(std::vector<std::string> words) {
  words.insert(words.begin(), "waypost-dkimsign");
  std::vector<char*> values;
  for (std::string& one : words)
    values.push_back(one.data());
  values.push_back(nullptr);
  return parse_arguments(static_cast<int>(words.size()), values.data());
}

} // namespace

Test(dkim_signature, has_its_tags_and_never_a_length) {
  const Key key = *Key::parse(test::kEd25519KeyOf8463);
  Manner manner{.identity = "jo;e=x@mail.example.org", .now = 1'700'000'000, .expires_s = 3'600};
  const auto field = signature_field({"example.org", "mail2026", &key}, manner,
                                     fields_of("From: a@example.org\nDate: x\n"), kBodyBytes);
  cr_assert(field.has_value());
  const std::string text = unfolded(*field);
  cr_expect(text.starts_with("DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; "
                             "d=example.org; s=mail2026; i=jo=3Be=3Dx@mail.example.org; "
                             "t=1700000000; x=1700003600; h=From:From:To:Cc:"),
            "%s", text.c_str());
  cr_expect(!text.contains(" l="));
  cr_expect(text.contains("; bh=" + base64(kBodyBytes) + "; b="));
  manner.header = Canonical::simple;
  const Signer signer{"example.org", "s", &key};
  const std::vector<std::string> names = {"From"};
  cr_expect(unsigned_field(signer, manner, names, kBodyBytes).contains("c=simple/relaxed;"));
}

Test(dkim_signature, folds_into_lines_that_any_server_takes) {
  std::string header;
  for (const char* name : {"From", "To", "Date", "Subject", "Message-ID", "List-Unsubscribe-Post",
                           "Content-Transfer-Encoding", "List-Id", "References"})
    header += std::string(name) + ": a@b\n";
  for (const std::string_view pem : {test::kEd25519KeyOf8463, test::kKeyOf6376}) {
    const Key key = *Key::parse(pem);
    for (std::size_t length = 1; length < 60; ++length) {
      const auto field = signature_field({"example.org", std::string(length, 's'), &key}, {},
                                         fields_of(header), kBodyBytes);
      cr_assert(field.has_value() && field->ends_with("\r\n"));
      std::string_view rest = *field;
      while (!rest.empty()) {
        const std::string_view line = cut(rest, '\n');
        cr_expect(line.size() <= 79 && line.ends_with('\r'), "%zu: %zu", length, line.size());
        cr_expect(rest.empty() || (rest.starts_with('\t') && rest.size() > 3), "%zu", length);
      }
    }
  }
}

Test(dkim_signature, is_refused_without_an_author) {
  const Key key = *Key::parse(test::kEd25519KeyOf8463);
  const auto field = signature_field({"a.test", "s", &key}, {}, fields_of("To: b@c\n"), kBodyBytes);
  cr_expect(!field && field.error().text.contains("no From"));
}

Test(dkim_signature, an_identity_is_of_the_domain_or_below_it) {
  cr_expect(may_identify("@example.org", "example.org"));
  cr_expect(may_identify("joe@Mail.Example.org", "example.org"));
  cr_expect(!may_identify("joe@badexample.org", "example.org"));
  cr_expect(!may_identify("joe@org", "example.org"));
  cr_expect(!may_identify("example.org", "example.org"));
}

Test(dkim_signature, a_record_is_cut_into_strings) {
  cr_expect(record_name("example.org", "a.b") == "a.b._domainkey.example.org");
  cr_expect(zone_record("x.test", "short") == "x.test. IN TXT (\n    \"short\" )\n");
  const std::string record = zone_record("x.test", std::string(600, 'p'));
  const std::string full(255, 'p');
  cr_expect(record == "x.test. IN TXT (\n    \"" + full + "\"\n    \"" + full + "\"\n    \"" +
                          std::string(90, 'p') + "\" )\n");
}

Test(dkim_arguments, what_they_say) {
  const auto one = parsed({"-d",
                           "B\xC3\xBC"
                           "cher.example",
                           "-s", "Mail2026", "-s", "ed=/tmp/key", "-c", "simple", "--whole",
                           "--expires", "60", "--time", "7", "-i", "@x.test"});
  cr_assert(one.has_value(), "%s", one.error().text.c_str());
  cr_expect(one->task == Arguments::Task::sign && one->domain == "xn--bcher-kva.example");
  cr_assert(one->selectors.size() == 2);
  cr_expect(one->selectors[0].name == "mail2026" && one->selectors[0].file.empty());
  cr_expect(one->selectors[1].name == "ed" && one->selectors[1].file == "/tmp/key");
  cr_expect(one->whole && one->time == 7U && one->manner.expires_s == 60U);
  cr_expect(one->manner.header == Canonical::simple && one->manner.body == Canonical::simple);
  const auto other = parsed({"keygen", "a.test", "s1", "--type", "ed25519", "--keys", "/tmp/k"});
  cr_assert(other.has_value());
  cr_expect(other->task == Arguments::Task::keygen && other->type == KeyType::ed25519);
  cr_expect(other->domain == "a.test" && other->selectors[0].name == "s1");
  cr_expect(parsed({"--help"})->task == Arguments::Task::help);
}

Test(dkim_arguments, mistakes_are_told) {
  struct Row {
    std::vector<std::string> words;
    const char* why;
  };
  for (const Row& row : std::to_array<Row>({
           {{}, "-s SELECTOR is missing"},
           {{"-s", "../x"}, "not a selector"},
           {{"-s", "a..b"}, "not a selector"},
           {{"-s", "-a"}, "not a selector"},
           {{"-s", "a", "-s", "A"}, "stands twice"},
           {{"-s", "a", "-c", "relaxed/none"}, "-c takes"},
           {{"-s", "a", "-d", "[192.0.2.1]"}, "literal"},
           {{"-s", "a", "-d", "a/../b"}, "bad domain"},
           {{"-s", "a", "--expires", "0"}, "--expires takes"},
           {{"-s", "a", "--bits", "512"}, "1024 to 4096"},
           {{"-s", "a", "--type", "dsa"}, "rsa or ed25519"},
           {{"-s", "a", "--nothing"}, "unknown option"},
           {{"sign"}, "unknown word"},
           {{"keygen", "a.test"}, "takes DOMAIN SELECTOR"},
           {{"keygen", "a.test", "s=f"}, "without a file"},
           {{"record", "a.test", "s", "-d", "b.test"}, "takes DOMAIN SELECTOR"},
       })) {
    const auto arguments = parsed(row.words);
    cr_assert(!arguments.has_value(), "%s", row.why);
    cr_expect(arguments.error().text.contains(row.why), "%s: %s", row.why,
              arguments.error().text.c_str());
  }
}
