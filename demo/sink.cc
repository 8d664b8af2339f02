#include "demo/sink.h"

#include <algorithm>
#include <cstdio>

#include "lib/sys/text.h"

namespace waypost::demo {
namespace {

constexpr std::size_t kMostUnread = std::size_t{1} << 20;

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

void say(const std::string& line) {
  std::printf("%s\n", printable(line).c_str());
  std::fflush(stdout);
}

std::string header(const std::vector<std::string>& content, std::string_view name) {
  for (const std::string& line : content) {
    if (line.empty()) break;
    if (ascii_lower(line).starts_with(name))
      return line.substr(std::min(name.size() + 1, line.size()));
  }
  return {};
}

} // namespace

std::string SinkSession::greeting() const {
  return "220 " + label_ + ".demo.example ESMTP the demo's sink\r\n";
}

std::string SinkSession::take(std::string_view bytes) {
  unread_ += bytes;
  std::string replies;
  std::size_t begin = 0;
  for (std::size_t end = unread_.find("\r\n"); end != std::string::npos && !ended_;
       end = unread_.find("\r\n", begin)) {
    const std::string line = unread_.substr(begin, end - begin);
    begin = end + 2;
    replies += in_content_ ? take_content(line) : reply_to(line);
  }
  unread_.erase(0, begin);
  if (unread_.size() > kMostUnread) ended_ = true;
  return replies;
}

std::string SinkSession::reply_to(const std::string& line) {
  const std::string verb = ascii_lower(line.substr(0, 4));
  if (verb == "ehlo")
    return "250-" + label_ +
           ".demo.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n"
           "250-ENHANCEDSTATUSCODES\r\n250 SIZE 10000000\r\n";
  if (verb == "helo") return "250 " + label_ + ".demo.example\r\n";
  if (verb == "mail") {
    sender_ = address_in(line);
    recipients_.clear();
    return "250 2.1.0 sender taken\r\n";
  }
  if (verb == "rcpt") return take_recipient(address_in(line));
  if (verb == "data") {
    if (recipients_.empty()) return "554 5.5.1 no valid recipients\r\n";
    in_content_ = true;
    content_.clear();
    return "354 go on\r\n";
  }
  if (verb == "rset") recipients_.clear();
  if (verb == "rset" || verb == "noop") return "250 2.0.0 fine\r\n";
  ended_ = verb == "quit";
  return ended_ ? "221 2.0.0 bye\r\n" : "502 5.5.1 not here\r\n";
}

std::string SinkSession::take_recipient(const std::string& address) {
  if (manners_.refused.contains(address)) {
    say("[" + label_ + "] refuses <" + address + "> for good");
    return "550 5.1.1 <" + address + ">: no such user here\r\n";
  }
  if (manners_.greylisted.contains(address) && manners_.seen.insert(address).second) {
    say("[" + label_ + "] sends <" + address + "> away once: greylisted");
    return "451 4.7.1 <" + address + ">: greylisted, try again in a second\r\n";
  }
  recipients_.push_back(address);
  return "250 2.1.5 recipient taken\r\n";
}

std::string SinkSession::take_content(const std::string& line) {
  if (line != ".") {
    content_.push_back(line.starts_with('.') ? line.substr(1) : line); // RFC 5321 4.5.2
    return {};
  }
  in_content_ = false;
  tell();
  recipients_.clear();
  return "250 2.0.0 taken\r\n";
}

void SinkSession::tell() const {
  say("[" + label_ + "] got mail from <" + sender_ + "> to " + join(recipients_) +
      ": Subject: " + header(content_, "subject:"));
  if (!sender_.empty()) return;
  for (const std::string& line : content_)
    say("[" + label_ + "]   | " + line);
}

} // namespace waypost::demo
