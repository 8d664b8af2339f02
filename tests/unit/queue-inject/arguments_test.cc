#include <criterion/criterion.h>

#include "queue/inject/arguments.h"

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

Test(arguments, unknown_settings_are_ignored_and_unknown_letters_refused) {
  cr_expect(
      parse({"-oQ/tmp", "-O", "DeliveryMode=b", "-o", "7", "-Ac", "-v", "-n", "a"}).has_value());
  cr_expect(parse({"-OX=y", "a"})->recipients.size() == 1);
  for (const Words& words : {Words{"-z"}, Words{"-f"}, Words{"-N", "maybe"}, Words{"-R", "some"},
                             Words{"-bz"}, Words{"-q"}})
    cr_expect(!parse(words), "%s", words.front());
}

Test(arguments, the_name_it_is_called_by_decides) {
  cr_expect(parse({}, "mailq")->mode == InjectMode::list);
  cr_expect(parse({}, "newaliases")->mode == InjectMode::newaliases);
  cr_expect(parse({"-bp"})->mode == InjectMode::list);
  cr_expect(parse({"-bi"})->mode == InjectMode::newaliases);
}
