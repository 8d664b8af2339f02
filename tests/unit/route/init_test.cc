// What `waypost-config init` asks, takes from flags, and writes: always a file that compiles.
#include "route/init.h"

#include <array>
#include <criterion/criterion.h>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include "route/config_command.h"
#include "route/configuration.h"
#include "route/init_text.h"

namespace waypost::route {
namespace {

Configuration made(const Answers& answers) {
  const std::string text = init_text(answers);
  auto all = read_configuration(text, "waypost.toml");
  cr_assert(all.has_value(), "%s\n%s", all.error()[0].text.c_str(), text.c_str());
  cr_expect(all->warnings.empty(), "%s", text.c_str());
  return std::move(*all);
}

Configuration from_flags(std::string_view way, const Flags& flags) {
  const auto answers = collect_answers(way, flags, {});
  cr_assert(answers.has_value(), "%s", answers.error().text.c_str());
  return made(*answers);
}

// Answers from a list; keeps what was asked.
struct Person {
  std::vector<std::string> answers;
  std::vector<std::string> asked = {};
  Ask ask() {
    return [this](const std::string& prompt) -> std::optional<std::string> {
      asked.push_back(prompt);
      if (asked.size() > answers.size()) return std::nullopt;
      return answers[asked.size() - 1];
    };
  }
};

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A folder that goes with the test.
struct Folder {
  std::string path = "/tmp/waypost-init-XXXXXX";
  Folder() { cr_assert(::mkdtemp(path.data()) != nullptr); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    ::unlink(file().c_str());
    ::rmdir(path.c_str());
  }
  [[nodiscard]] std::string file() const { return path + "/waypost.toml"; }
};

} // namespace

Test(init, direct_needs_nothing_and_says_how_to_go_on) {
  const Configuration all = from_flags("direct", {});
  cr_expect(all.snapshot.transports.size() == 4 && all.snapshot.routes.empty());
  const std::string text = init_text(*collect_answers("direct", {}, {}));
  cr_expect(text.find("#hostname = ") != std::string::npos);
  cr_expect(text.find("#[transport.relay]") != std::string::npos);
}

Test(init, a_smarthost_takes_everything) {
  const Configuration all = from_flags("smarthost", {{"host", "SMTP.isp.example"},
                                                     {"port", "2525"},
                                                     {"hostname", "mail.example.org"},
                                                     {"postmaster", "me@example.org"}});
  const Transport* relay = all.snapshot.transport("smarthost");
  cr_assert(relay != nullptr && relay->type == TransportType::smtp);
  cr_expect(relay->host == "smtp.isp.example" && relay->port == 2525);
  cr_assert(all.snapshot.routes.size() == 1);
  cr_expect(all.snapshot.routes[0].transport == "smarthost");
  cr_expect(all.snapshot.settings.hostname == "mail.example.org");
  cr_expect(all.snapshot.settings.postmaster == "me@example.org");
}

Test(init, a_sending_service_has_a_login_and_the_port_says_which_type) {
  struct Row {
    const char* port;
    TransportType type;
    std::uint16_t want;
  };
  for (const auto& [port, type, want] :
       std::to_array<Row>({{"587", TransportType::submission, 587},
                           {"465", TransportType::submissions, 465},
                           {"2587", TransportType::submission, 2587}})) {
    const Configuration all =
        from_flags("service", {{"host", "smtp.example.net"}, {"port", port}, {"user", "AKIA"}});
    const Transport* service = all.snapshot.transport("service");
    cr_assert(service != nullptr && service->type == type, "%s", port);
    cr_expect(service->port == want && service->tls == TlsPolicy::verified, "%s", port);
    cr_expect(service->user == "AKIA" && service->credential == "service", "%s", port);
    cr_expect(all.snapshot.routes.size() == 1);
  }
}

Test(init, a_proxy_has_its_name_and_addresses) {
  const Configuration all = from_flags("socks", {{"proxy", "10.9.0.1:1080"},
                                                 {"helo", "out2.example.org"},
                                                 {"remote-ips", "203.0.113.9, 2001:DB8::9"}});
  const Transport* proxy = all.snapshot.transport("proxy");
  cr_assert(proxy != nullptr && proxy->type == TransportType::socks);
  cr_expect(proxy->proxy == "10.9.0.1:1080" && proxy->helo == "out2.example.org");
  const std::vector<std::string> addresses{"203.0.113.9", "2001:db8::9"};
  cr_expect(proxy->remote_ips == addresses);
  from_flags("socks", {{"proxy", "10.9.0.1:1080"}});
}

Test(init, a_flag_that_is_wrong_or_missing_is_named) {
  struct Row {
    const char* way;
    Flags flags;
    const char* says;
  };
  for (const auto& [way, flags, says] : std::to_array<Row>({
           {"smarthost", {}, "--host is missing: a host name or an IP address, as in --host smtp"},
           {"service", {{"host", "h"}}, "--user is missing"},
           {"socks", {}, "--proxy is missing"},
           {"socks", {{"proxy", "10.9.0.1"}}, "--proxy: \"10.9.0.1\" has no port; write"},
           {"socks", {{"proxy", "p:1"}, {"remote-ips", "1.2.3.4,x"}}, "is not an IP address"},
           {"smarthost", {{"host", "h:25"}}, "holds a port"},
           {"smarthost", {{"host", "h"}, {"port", "0"}}, "--port: \"0\" is no port"},
           {"smarthost", {{"host", "h"}, {"user", "u"}}, "--user has no meaning for smarthost"},
           {"direct", {{"hostname", "a b"}}, "is not a domain name"},
           {"direct", {{"postmaster", "root"}}, "is not a mail address with a domain"},
           {"service", {{"host", "h"}, {"user", "u"}, {"credential", "a/b"}}, "is not a name of"},
           {"smarthst", {}, "did you mean \"smarthost\"?"},
           {"", {}, "write init with \"direct\", \"smarthost\", \"service\" or \"socks\""},
       })) {
    const auto answers = collect_answers(way, flags, {});
    cr_assert(!answers.has_value(), "%s: %s", way, says);
    cr_expect(answers.error().text.find(says) != std::string::npos, "wanted %s, got %s", says,
              answers.error().text.c_str());
  }
}

Test(init, a_person_is_asked_until_the_answer_is_right) {
  Person person{{"smarthst", "2", "", "me", "me@example.org", "", "h:25", "relay.example", ""}};
  const auto answers = collect_answers("", {}, person.ask());
  cr_assert(answers.has_value(), "%s", answers.error().text.c_str());
  cr_expect(person.asked.size() == person.answers.size());
  cr_expect(person.asked[1].starts_with("\"smarthst\" is none of them; did you mean"));
  cr_expect(person.asked[4].find("\"me\" is not a mail address") != std::string::npos);
  cr_expect(person.asked[6].find("\"\" is empty") != std::string::npos, "a host must come");
  cr_expect(answers->way == Way::smarthost && answers->host == "relay.example");
  cr_expect(made(*answers).snapshot.transport("smarthost") != nullptr);
}

Test(init, each_way_can_be_answered_with_as_little_as_there_is) {
  for (const auto& lines :
       std::to_array<std::vector<std::string>>({{"", "", ""},
                                                {"2", "", "", "relay.example", ""},
                                                {"service", "", "", "smtp.example", "", "me", ""},
                                                {"4", "", "", "10.9.0.1:1080", "", ""}})) {
    Person person{lines};
    const auto answers = collect_answers("", {}, person.ask());
    cr_assert(answers.has_value(), "%s: %s", lines[0].c_str(), answers.error().text.c_str());
    made(*answers);
  }
}

Test(init, what_a_flag_says_is_not_asked_and_an_end_of_input_ends_it) {
  Person person{{"1", ""}};
  cr_expect(collect_answers("", {{"hostname", "a.example"}}, person.ask()).has_value());
  cr_expect(person.asked.size() == 2);
  Person gone{{"2", ""}};
  cr_expect(!collect_answers("", {}, gone.ask()).has_value());
}

Test(init, a_file_that_exists_stays_unless_it_is_forced) {
  const Folder folder;
  InitCommand command{"smarthost", {{"host", "first.example"}}, folder.file(), false};
  cr_expect(init(command) == 0);
  const std::string first = read(folder.file());
  cr_expect(first.find("first.example") != std::string::npos);
  command.flags = {{"host", "second.example"}};
  cr_expect(init(command) == 100);
  cr_expect(read(folder.file()) == first);
  command.force = true;
  cr_expect(init(command) == 0);
  cr_expect(read(folder.file()).find("second.example") != std::string::npos);
  command.flags = {};
  cr_expect(init(command) == 100, "nothing is written when an answer is missing");
  cr_expect(read(folder.file()).find("second.example") != std::string::npos);
}

Test(init, arguments) {
  const auto parse = [](std::vector<std::string_view> words) {
    return parse_config_command(words);
  };
  const auto good = parse({"init", "smarthost", "--host", "h", "--force", "--file", "f"});
  cr_assert(good.has_value());
  cr_expect(good->init.way == "smarthost" && good->init.force && good->init.file == "f");
  cr_expect(good->init.flags.at("host") == "h");
  cr_expect(parse({"show", "--json", "f"})->json && parse({"show", "--json", "f"})->file == "f");
  struct Row {
    std::vector<std::string_view> words;
    const char* says;
  };
  for (const auto& [words, says] : std::to_array<Row>({
           {{}, "\"check\", \"compile\", \"show\", \"init\", \"keys\" or \"import\""},
           {{"import"}, "import takes the name of a program"},
           {{"import", "exim"}, "\"exim\" is no program whose settings are read"},
           {{"import", "postfx"}, "did you mean \"postfix\"?"},
           {{"import", "msmtp", "a", "b"}, "one argument too many: b"},
           {{"chekc"}, "did you mean \"check\"?"},
           {{"init", "--hots", "h"}, "did you mean \"host\"?"},
           {{"init", "--host"}, "--host takes a value"},
           {{"init", "direct", "socks"}, "two ways"},
           {{"check", "--json"}, "unknown option --json"},
           {{"check", "a", "b"}, "one argument too many: b"},
           {{"keys", "a"}, "one argument too many: a"},
           {{"compile", "--output"}, "--output takes the name of a file"},
       })) {
    const auto bad = parse(words);
    cr_assert(!bad.has_value(), "%s", says);
    cr_expect(bad.error().text.find(says) != std::string::npos, "wanted %s, got %s", says,
              bad.error().text.c_str());
  }
}

} // namespace waypost::route
