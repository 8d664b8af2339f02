#include "demo/session.h"

#include <algorithm>
#include <thread>

#include "lib/sys/text.h"

namespace waypost::demo {
namespace {

Moment moment_of(std::string_view command) {
  const std::optional<Moment> found = parse_moment(command.substr(0, command.find(' ')));
  const bool command_word = found && *found != Moment::connect && *found != Moment::body;
  return command_word ? *found : Moment::other;
}

// The address of "MAIL FROM:<a@b> SIZE=7"; empty when there is none.
std::string address_in(std::string_view line) {
  const std::size_t begin = line.find('<');
  const std::size_t end = line.find('>', begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  return std::string(line.substr(begin + 1, end - begin - 1));
}

std::string join(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& one : all)
    out += (out.empty() ? "<" : ", <") + one + ">";
  return out;
}

std::string subject_of(const std::vector<std::string>& content) {
  constexpr std::string_view kName = "subject:";
  for (const std::string& line : content) {
    if (line.empty()) break;
    if (ascii_lower(line).starts_with(kName))
      return line.substr(std::min(kName.size() + 1, line.size()));
  }
  return {};
}

} // namespace

void Session::run() {
  const Sink::Entry entry = sink_.begin_session();
  number_ = entry.number;
  if (sink_.settings().verbose)
    sink_.say(std::to_string(number_) + " begins, " + std::to_string(entry.open) + " open");
  if (entry.taken) {
    talk();
  } else {
    (void)send_reply(sink_.settings().script.refusal + "\r\n");
  }
  wire_.close();
  if (sink_.settings().verbose) sink_.say(std::to_string(number_) + " ends");
  sink_.end_session();
}

void Session::talk() {
  if (!answer(Moment::connect, "")) return;
  // A line feed alone ends a command too: this server is no judge of clients.
  while (const std::optional<std::string> command = wire_.read_line(LineEnds::lf)) {
    if (sink_.settings().verbose) sink_.say(std::to_string(number_) + " < " + *command);
    const Moment moment = moment_of(*command);
    if (!answer(moment, *command) || !obey(moment, *command)) return;
  }
}

bool Session::answer(Moment moment, const std::string& command) {
  replied_ = 0;
  at_line_start_ = true;
  const Section* const section = sink_.turn(moment, command);
  if (section == nullptr) return say_usual(moment, command);
  for (const Step& step : section->steps)
    if (!run_step(step, moment, command)) return false;
  return true;
}

bool Session::run_step(const Step& step, Moment moment, const std::string& command) {
  switch (step.what) {
  case Do::reply: return send_reply(step.bytes + "\r\n");
  case Do::raw:
    for (std::uint64_t i = 0; i < step.count || step.count == 0; ++i)
      if (!send_reply(step.bytes)) return false;
    return true;
  case Do::usual: return say_usual(moment, command);
  case Do::wait: std::this_thread::sleep_for(step.time); return true;
  case Do::split: wire_.in_pieces(step.count, step.time); return true;
  case Do::read: return wire_.read(step.count);
  case Do::silence: wire_.read_until_gone(); return false;
  case Do::deaf: wire_.wait_until_gone(); return false;
  case Do::close: return false;
  case Do::reset: wire_.reset(); return false;
  case Do::tls: return wire_.begin_tls(sink_.tls());
  }
  return false;
}

bool Session::send_reply(const std::string& text) {
  if (sink_.settings().verbose) sink_.say(std::to_string(number_) + " > " + text);
  if (text.empty()) return true;
  if (!wire_.send(text)) {
    replied_ = 0; // who is gone was told nothing
    return false;
  }
  // The last line decides; it may be sent in parts.
  const std::size_t end = text.rfind('\n', text.size() - 2);
  if (text.size() > 1 && end != std::string::npos) {
    replied_ = text[end + 1];
  } else if (at_line_start_) {
    replied_ = text.front();
  }
  at_line_start_ = text.back() == '\n';
  return true;
}

bool Session::say_usual(Moment moment, const std::string& command) {
  if (!send_reply(usual(moment, command))) return false;
  if (moment == Moment::starttls && replied_ == '2') return wire_.begin_tls(sink_.tls());
  return true;
}

std::string Session::usual(Moment moment, const std::string& command) {
  switch (moment) {
  case Moment::connect: return "220 " + sink_.settings().label + ".demo.example ESMTP a sink\r\n";
  case Moment::ehlo: return offers();
  case Moment::helo: return "250 " + sink_.settings().label + ".demo.example\r\n";
  case Moment::starttls:
    return offers().find("STARTTLS") == std::string::npos ? "502 5.5.1 not here\r\n"
                                                          : "220 2.0.0 go on\r\n";
  case Moment::mail: return "250 2.1.0 sender taken\r\n";
  case Moment::rcpt:
    return sender_ ? for_recipient(address_in(command)) : "503 5.5.1 need MAIL first\r\n";
  case Moment::data:
    return recipients_.empty() ? "554 5.5.1 no valid recipients\r\n" : "354 go on\r\n";
  case Moment::body: return "250 2.0.0 taken\r\n";
  case Moment::rset:
  case Moment::noop: return "250 2.0.0 fine\r\n";
  case Moment::quit: return "221 2.0.0 bye\r\n";
  case Moment::other: break;
  }
  return "502 5.5.1 not here\r\n";
}

std::string Session::offers() const {
  std::vector<std::string> lines = {sink_.settings().label + ".demo.example"};
  for (const std::string& offer : sink_.settings().script.offers)
    if (offer != "STARTTLS" || !wire_.in_tls()) lines.push_back(offer);
  std::string text;
  for (const std::string& line : lines)
    text += (&line == &lines.back() ? "250 " : "250-") + line + "\r\n";
  return text;
}

std::string Session::for_recipient(const std::string& address) {
  const Manners& manners = sink_.settings().manners;
  if (manners.refused.contains(address)) {
    sink_.say("refuses <" + address + "> for good");
    return "550 5.1.1 <" + address + ">: no such user here\r\n";
  }
  if (manners.greylisted.contains(address) && !sink_.seen_before(address)) {
    sink_.say("sends <" + address + "> away once: greylisted");
    return "451 4.7.1 <" + address + ">: greylisted, try again in a second\r\n";
  }
  return "250 2.1.5 recipient taken\r\n";
}

bool Session::obey(Moment moment, const std::string& command) {
  if (moment == Moment::quit) return false;
  if (moment == Moment::data && replied_ == '3') return receive();
  if (replied_ != '2') return true;
  if (moment == Moment::rcpt) {
    recipients_.push_back(address_in(command));
    return true;
  }
  if (moment == Moment::noop || moment == Moment::other) return true;
  forget();
  if (moment == Moment::mail) sender_ = address_in(command);
  return true;
}

bool Session::receive() {
  content_.clear();
  while (true) {
    std::optional<std::string> line = wire_.read_line(sink_.settings().script.ends);
    if (!line) return false;
    if (*line == ".") break;
    if (line->starts_with('.')) line->erase(0, 1); // RFC 5321 4.5.2
    content_.push_back(*std::move(line));
  }
  const bool goes_on = answer(Moment::body, "");
  if (replied_ == '2') tell();
  forget();
  return goes_on;
}

void Session::forget() {
  sender_.reset();
  recipients_.clear();
}

void Session::tell() const {
  std::string message;
  for (const std::string& line : content_)
    message += line + "\r\n";
  sink_.keep(message);
  sink_.say("got mail from <" + sender_.value_or("") + "> to " + join(recipients_) +
            ": Subject: " + subject_of(content_));
  if (!sender_ || !sender_->empty()) return;
  for (const std::string& line : content_)
    sink_.say("  | " + line);
}

} // namespace waypost::demo
