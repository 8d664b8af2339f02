#include <criterion/criterion.h>
#include <fstream>
#include <iterator>

#include "queue/inject/arguments.h"
#include "queue/inject/options.h"
#include "queue/inject/other_modes.h"
#include "queue/inject/verp.h"

using namespace waypost::queue;
using Words = std::vector<const char*>;

namespace {

waypost::Result<Arguments> parse(const Words& words, std::string_view program = "sendmail") {
  return parse_arguments(program, words);
}

} // namespace

Test(arguments, programs_of_the_field_are_understood) {
  const auto cron = parse({"-FCronDaemon", "-i", "-odi", "-oem", "-oi", "-t", "-f", "root"});
  cr_assert(cron.has_value());
  cr_expect(cron->full_name == "CronDaemon" && cron->sender == "root");
  cr_expect(cron->from_header && cron->ignore_dots && cron->recipients.empty());
  const auto php = parse({"-t", "-i"});
  cr_expect(php && php->from_header && php->ignore_dots);
  const auto git = parse({"-i", "a@b", "c@d"});
  cr_expect(git && git->recipients == std::vector<std::string>({"a@b", "c@d"}));
  const auto mutt = parse({"-oem", "-oi", "-f", "me@x", "--", "-dash@y"});
  cr_expect(mutt && mutt->recipients == std::vector<std::string>({"-dash@y"}));
  const auto grouped = parse({"-tif", "me@x", "-bm"});
  cr_expect(grouped && grouped->from_header && grouped->ignore_dots && grouped->sender == "me@x");
}

Test(arguments, options_may_follow_recipients) {
  const auto parsed = parse({"a@b", "-f", "c@d"});
  cr_assert(parsed.has_value());
  cr_expect(parsed->sender == "c@d" && parsed->recipients.size() == 1);
}

Test(arguments, an_empty_sender_is_a_sender) {
  cr_expect(parse({"-f", "", "a"})->sender == "");
  cr_expect(parse({"-f<>", "a"})->sender == "<>");
  cr_expect(!parse({"a"})->sender.has_value());
}

Test(arguments, delivery_status_options) {
  const auto parsed = parse({"-Nsuccess,delay", "-R", "hdrs", "-V", "id1", "-B8BITMIME", "a@b"});
  cr_assert(parsed.has_value());
  cr_expect(parsed->notify.given && parsed->notify.success && !parsed->notify.failure);
  cr_expect(parsed->ret == waypost::DsnReturn::headers && parsed->envid == "id1");
  cr_expect(parsed->body == waypost::BodyType::eight_bit_mime);
  cr_expect(parse({"-N", "never", "a"})->notify.never());
  cr_expect(parse({"-V", "a+b=c d", "a"})->envid == "a+2Bb+3Dc+20d");
  const std::string longest(100, 'x');
  cr_expect(parse({"-V", longest.c_str(), "a"}).has_value());
  const std::string long_as_xtext = std::string(98, 'x') + "="; // "+3D"
  for (const char* bad : {"", "a\nb", "\xc3\xbc", long_as_xtext.c_str()})
    cr_expect(!parse({"-V", bad, "a"}), "%s", bad);
}

// As the peers take them: with the value attached, with the value in the next argument, and without
// one. A recipient must never be taken for a value, nor a value for a recipient.
Test(arguments, what_nobody_means_any_more_is_taken_and_ignored) {
  const Words rows[] = {
      {"-Ac", "a"},
      {"-Am", "a"},
      {"-A", "m", "a"},
      {"-C/etc/x", "a"},
      {"-C", "/etc/x", "a"},
      {"-d", "a"},
      {"-d0.1", "a"},
      {"-d-all", "a"},
      {"-em", "a"},
      {"-e", "m", "a"},
      {"-h5", "a"},
      {"-h", "5", "a"},
      {"-m", "a"},
      {"-n", "a"},
      {"-U", "a"},
      {"-X/tmp/log", "a"},
      {"-X", "/tmp/l", "a"},
      {"-x", "a"},
      {"-pESMTP", "a"},
      {"-p", "ESMTP", "a"},
      {"-pd", "a"},
      {"-E", "a"},
      {"-E1abc", "a"},
      {"-J", "a"},
      {"-Jx", "a"},
      {"-OX=y", "a"},
      {"-O", "X=y", "a"},
      {"-oQ/tmp", "a"},
      {"-o", "7", "a"},
      {"-odb", "a"},
      {"-oem", "a"},
      {"-om", "a"},
      {"-o8", "a"},
      {"-oMr", "amavis", "a"},
      {"-oMa", "192.0.2.1", "a"},
      {"-oX", "587", "a"},
      {"-oA", "/etc/aliases", "a"},
      {"-oA/etc/aliases", "a"},
      {"-oP", "/run/x", "a"},
      {"-oB", "5", "a"},
      {"-oB", "a"},
      {"-oB5", "a"},
      {"-c", "a"},
      {"-dropcr", "a"},
      {"-mnUx", "a"},
  };
  for (const Words& words : rows) {
    const auto parsed = parse(words);
    cr_assert(parsed.has_value(), "%s: %s", words.front(), parsed.error().text.c_str());
    cr_expect(parsed->recipients == std::vector<std::string>({"a"}), "%s", words.front());
    cr_expect(parsed->mode == InjectMode::deliver, "%s", words.front());
  }
}

Test(arguments, what_is_wrong_is_named) {
  const std::pair<Words, const char*> rows[] = {
      {{"-z"}, "-z"},
      {{"-tz", "a"}, "-z in -tz"},
      {{"--read-recipients"}, "--read-recipients"},
      {{"-f"}, "-f"},
      {{"-N", "maybe"}, "-N"},
      {{"-R", "some"}, "-R"},
      {{"-B", "BINARYMIME"}, "-B"},
      {{"-bz"}, "-bz"},
      {{"-qZ"}, "-qZ"},
      {{"-qI"}, "-qI"},
      {{"-qR", "-v"}, "-qR"},
      {{"-XVab", "a"}, "-XV"},
      {{"-bd"}, "waypost-start"},
      {{"-bd", "-q30m"}, "waypost-start"},
      {{"-bD"}, "waypost-start"},
      {{"-bp", "a"}, "recipient"},
      {{"-q", "a"}, "recipient"},
      {{"-bi", "-t"}, "-t"},
      {{"-bv", "-t", "a"}, "-t"},
  };
  for (const auto& [words, named] : rows) {
    const auto parsed = parse(words);
    cr_assert(!parsed, "%s is taken", words.front());
    cr_expect(parsed.error().text.find(named) != std::string::npos, "%s: %s", words.front(),
              parsed.error().text.c_str());
  }
}

Test(arguments, modes) {
  const std::pair<Words, InjectMode> rows[] = {
      {{"-bm", "a"}, InjectMode::deliver}, {{"-bp"}, InjectMode::list},
      {{"-bpu"}, InjectMode::list},        {{"-bi"}, InjectMode::newaliases},
      {{"-I"}, InjectMode::newaliases},    {{"-bv", "a"}, InjectMode::explain},
      {{"-bt"}, InjectMode::explain},      {{"-bs"}, InjectMode::smtp},
      {{"-bh"}, InjectMode::nothing},      {{"-bH"}, InjectMode::nothing},
      {{"-q"}, InjectMode::flush},         {{"-q30m"}, InjectMode::nothing},
      {{"-qf"}, InjectMode::flush},        {{"-v", "-q"}, InjectMode::flush},
  };
  for (const auto& [words, mode] : rows) {
    const auto parsed = parse(words);
    cr_assert(parsed.has_value(), "%s: %s", words.front(), parsed.error().text.c_str());
    cr_expect(parsed->mode == mode, "%s", words.front());
  }
  cr_expect(parse({}, "mailq")->mode == InjectMode::list);
  cr_expect(parse({}, "newaliases")->mode == InjectMode::newaliases);
  cr_expect(parse({"-bp"}, "newaliases")->mode == InjectMode::list, "an option says more");
}

Test(arguments, flush_says_which_messages) {
  const std::pair<Words, std::vector<std::string>> rows[] = {
      {{"-q"}, {"waypost-kick", "--all"}},
      {{"-qI1j0q8gopq5c4boo2"}, {"waypost-kick", "--", "1j0q8gopq5c4boo2"}},
      {{"-qI", "1j0q8gopq5c4boo2"}, {"waypost-kick", "--", "1j0q8gopq5c4boo2"}},
      {{"-qRexample.org"}, {"waypost-kick", "--domain", "example.org"}},
      {{"-qR@example.org"}, {"waypost-kick", "--domain", "example.org"}},
      {{"-qR", "bob@example.org"}, {"waypost-kick", "--to", "bob@example.org"}},
      {{"-qSalice@example.org"}, {"waypost-kick", "--from", "alice@example.org"}},
  };
  for (const auto& [words, command] : rows) {
    const auto parsed = parse(words);
    cr_assert(parsed.has_value(), "%s: %s", words.front(), parsed.error().text.c_str());
    cr_expect(kick_command(parsed->flush) == command, "%s", words.front());
  }
}

Test(arguments, the_rest_that_is_acted_upon) {
  cr_expect(parse({"-G", "a"})->gateway);
  cr_expect(parse({"-v", "a"})->verbose && parse({"-ov", "a"})->verbose);
  cr_expect(parse({"-Lcron", "a"})->label == "cron" && parse({"-L", "x", "a"})->label == "x");
  cr_expect(parse({"-r", "b@c", "a"})->sender == "b@c");
  cr_expect(!parse({"-X/V", "a"})->verp);
  const auto verp = parse({"-XV", "a"});
  cr_expect(verp->verp && verp->verp->before_recipient == '+' && verp->verp->in_place_of_at == '=');
  const auto other = parse({"-XV-=", "a"});
  cr_expect(other->verp && other->verp->before_recipient == '-');
  for (const char* one : {"-oi", "-oitrue", "-i", "-ti"})
    cr_expect(parse({one, "a"})->ignore_dots, "%s", one);
}

// Unit tests run in the root of the tree.
Test(arguments, the_manual_names_every_letter) {
  std::ifstream file("man/waypost-inject.1");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  cr_assert(!page.empty(), "no man/waypost-inject.1 here");
  for (const OptionRow& row : kOptions) {
    const std::string entry = std::string("Fl ") + row.letter;
    const bool named =
        page.find(entry + " ") != std::string::npos || page.find(entry + "\n") != std::string::npos;
    cr_expect(named, "-%c does not stand in the manual", row.letter);
  }
}

Test(verp, names_the_recipient_in_the_sender) {
  const auto sender = waypost::Address::parse("owner-list@lists.example");
  const auto recipient = waypost::Address::parse("bob+x@example.org");
  cr_expect(verp_sender(*sender, *recipient, {})->text() ==
            "owner-list+bob+x=example.org@lists.example");
  cr_expect(verp_sender(*sender, *recipient, {'-', '='})->text() ==
            "owner-list-bob+x=example.org@lists.example");
  const auto quoted = waypost::Address::parse("\"a b\"@example.org");
  cr_expect(!verp_sender(*sender, *quoted, {}), "no address comes of it");
}
