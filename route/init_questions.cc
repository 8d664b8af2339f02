#include "route/init_questions.h"

#include <algorithm>
#include <array>

#include "lib/mail/snapshot.h"
#include "lib/sys/text.h"
#include "route/form.h"
#include "route/network_name.h"

namespace waypost::route {
namespace {

constexpr std::array<std::string_view, 4> kWays{"direct", "smarthost", "service", "socks"};

constexpr const char* kWhichWay =
    "How shall mail leave this machine?\n"
    "  1  direct     straight to the recipients' mail servers\n"
    "  2  smarthost  everything to one machine that sends it on: your provider's, your company's\n"
    "  3  service    to a sending service or mailbox provider, with a user name and a password\n"
    "  4  socks      straight to the recipients' mail servers, through a SOCKS5 proxy's address\n"
    "1 to 4 [1]";

// RFC 6335 6: ports are numbers of 16 bits; 0 is none.
Parsed<std::string> check_port(std::string_view text) {
  const auto port = parse_number(text, 65535);
  if (!port || *port == 0) return std::unexpected("is no port");
  return std::to_string(*port);
}

Parsed<std::string> check_addresses(std::string_view text) {
  std::string all;
  for (const std::string_view part : split(text, ',')) {
    const Parsed<std::string> ip = parse_ip(trim(part));
    if (!ip) return ip;
    all += (all.empty() ? "" : ",") + *ip;
  }
  return all;
}

struct Question {
  std::string_view flag;
  unsigned ways;        // bits of Way
  std::string words;    // for a person
  std::string fallback; // what holds without an answer; "" and `needed`: an answer must come
  bool needed = false;
  Form<std::string> form;
  std::function<void(Answers&, const std::string&)> store;
};

constexpr unsigned bit(Way way) {
  return 1U << static_cast<unsigned>(way);
}

std::function<void(Answers&, const std::string&)> into(std::string Answers::* field) {
  return [=](Answers& answers, const std::string& value) { answers.*field = value; };
}

std::vector<Question> questions() {
  constexpr unsigned kAll = ~0U;
  const unsigned smarthost = bit(Way::smarthost);
  const unsigned service = bit(Way::service);
  const unsigned socks = bit(Way::socks);
  const auto port = text("a number from 1 to 65535", "587", check_port);
  const auto host = text("a host name or an IP address", "smtp.isp.example", parse_host);
  return {
      {"hostname", kAll, "The name of this machine, as other servers shall see it",
       system_hostname(), false, text("a domain name", "mail.example.org", parse_domain),
       into(&Answers::hostname)},
      {"postmaster", kAll, "Who reads what nobody else can be told (a mail address)",
       "postmaster@ the machine's name", false,
       text("a mail address", "postmaster@example.org", parse_mailbox), into(&Answers::postmaster)},
      {"host", smarthost | service, "The machine that takes the mail", "", true, host,
       into(&Answers::host)},
      {"port", smarthost, "Its port", "25", false, port, into(&Answers::port)},
      {"port", service, "Its port: 587 for STARTTLS, 465 for TLS from the first byte", "587", false,
       port, into(&Answers::port)},
      {"user", service, "The user name to log in with", "", true, word(), into(&Answers::user)},
      {"credential", service, "A name under which the password is kept, not the password",
       "service", false, credential_name(), into(&Answers::credential)},
      {"proxy", socks, "The SOCKS5 proxy and its port", "", true,
       text("a host and its port", "10.9.0.1:1080", parse_host_and_port), into(&Answers::proxy)},
      {"helo", socks, "The name that belongs to the proxy's address", "this machine's name", false,
       text("a domain name", "out2.example.org", parse_helo), into(&Answers::helo)},
      {"remote-ips", socks, "The addresses that the proxy's connections come from", "not known",
       false, text("IP addresses with commas between", "203.0.113.9", check_addresses),
       [](Answers& answers, const std::string& value) {
         for (const std::string_view one : split(value, ','))
           answers.remote_ips.emplace_back(one);
       }},
  };
}

std::string wrong(const Question& question, std::string_view given, const std::string& why) {
  return quoted(given) + " " + why + "; write " + question.form.takes + ", as in " +
         question.form.example;
}

// Asks until the answer is right.
Result<> ask_one(const Question& question, const Ask& ask, Answers& answers) {
  std::string complaint;
  for (;;) {
    std::string prompt = complaint + question.words;
    if (!question.fallback.empty()) prompt += " [" + question.fallback + "]";
    const auto line = ask(prompt);
    if (!line) return fail("no answer to: " + question.words);
    const std::string_view given = trim(*line);
    if (given.empty() && !question.needed) return {};
    const Parsed<std::string> value = question.form.parse(text_node(std::string(given)));
    if (value) {
      question.store(answers, *value);
      return {};
    }
    complaint = wrong(question, given, value.error()) + "\n";
  }
}

Result<> answer_one(const Question& question, const Flags& flags, const Ask& ask,
                    Answers& answers) {
  const auto flag = flags.find(question.flag);
  if (flag == flags.end()) {
    if (ask) return ask_one(question, ask, answers);
    if (!question.needed) return {};
    return fail("--" + std::string(question.flag) + " is missing: " + question.form.takes +
                ", as in --" + std::string(question.flag) + " " + question.form.example);
  }
  const Parsed<std::string> value = question.form.parse(text_node(flag->second));
  if (!value) {
    return fail("--" + std::string(question.flag) + ": " +
                wrong(question, flag->second, value.error()));
  }
  question.store(answers, *value);
  return {};
}

std::optional<Way> way_of(std::string_view word) {
  const auto found = std::ranges::find(kWays, word);
  if (found == kWays.end()) return std::nullopt;
  return static_cast<Way>(found - kWays.begin());
}

Result<Way> ask_way(const Ask& ask) {
  if (!ask) return fail("say how mail shall leave: write init with " + one_of_words(kWays));
  std::string complaint;
  for (;;) {
    const auto line = ask(complaint + kWhichWay);
    if (!line) return fail("no answer to how mail shall leave");
    const std::string_view given = trim(*line);
    if (given.empty()) return Way::direct;
    const auto number = parse_number(given, kWays.size());
    if (number && *number > 0) return static_cast<Way>(*number - 1);
    if (const auto way = way_of(given)) return *way;
    complaint = quoted(given) + " is none of them" + did_you_mean(given, kWays) + "\n";
  }
}

Result<> refuse_foreign(const Flags& flags, const std::vector<Question>& all, Way way) {
  for (const auto& [flag, value] : flags) {
    const bool known = std::ranges::any_of(
        all, [&](const Question& one) { return one.flag == flag && (one.ways & bit(way)) != 0; });
    if (known) continue;
    return fail("--" + flag + " has no meaning for " +
                std::string(kWays.at(static_cast<std::size_t>(way))) + "; leave it out");
  }
  return {};
}

} // namespace

Result<Answers> collect_answers(std::string_view way, const Flags& flags, const Ask& ask) {
  Answers answers;
  if (way.empty()) {
    const Result<Way> chosen = ask_way(ask);
    if (!chosen) return std::unexpected(chosen.error());
    answers.way = *chosen;
  } else if (const auto named = way_of(way)) {
    answers.way = *named;
  } else {
    return fail(quoted(way) + " is no way for mail to leave" + did_you_mean(way, kWays) +
                " There are " + one_of_words(kWays));
  }
  const std::vector<Question> all = questions();
  const Result<> fits = refuse_foreign(flags, all, answers.way);
  if (!fits) return std::unexpected(fits.error());
  for (const Question& question : all) {
    if ((question.ways & bit(answers.way)) == 0) continue;
    const Result<> answered = answer_one(question, flags, ask, answers);
    if (!answered) return std::unexpected(answered.error());
  }
  return answers;
}

std::vector<std::string_view> init_flags() {
  std::vector<std::string_view> names;
  for (const Question& one : questions())
    names.push_back(one.flag);
  return names;
}

} // namespace waypost::route
