#include "bench/sink/session.h"

#include "lib/sys/text.h"

namespace waypost::bench {

namespace {
constexpr std::string_view kFinalDot = "\r\n.\r\n";
}

std::size_t Session::feed(std::string_view bytes, std::string& replies) {
  rest_.append(bytes);
  std::size_t messages = 0;
  for (;;) {
    if (in_body_) {
      if (!take_body()) break;
      replies += "250 2.0.0 Ok\r\n";
      ++messages;
    } else if (!take_command(replies)) {
      break;
    }
  }
  return messages;
}

// Drops the body up to its final dot; keeps what may be the beginning of that.
bool Session::take_body() {
  const auto at = rest_.find(kFinalDot);
  if (at == std::string::npos) {
    if (rest_.size() >= kFinalDot.size()) rest_.erase(0, rest_.size() - kFinalDot.size() + 1);
    return false;
  }
  rest_.erase(0, at + kFinalDot.size());
  in_body_ = false;
  return true;
}

bool Session::take_command(std::string& replies) {
  const auto at = rest_.find("\r\n");
  if (at == std::string::npos || wants_tls_ || ended_) return false;
  const std::string verb = ascii_lower(std::string_view(rest_).substr(0, at < 4 ? at : 4));
  rest_.erase(0, at + 2);
  answer(verb, replies);
  return true;
}

void Session::answer(std::string_view verb, std::string& replies) {
  if (verb == "ehlo") {
    replies += "250-sink.bench\r\n250-PIPELINING\r\n250-SIZE\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n";
    if (offer_tls_) replies += "250-STARTTLS\r\n";
    if (secure_) replies += "250-AUTH PLAIN\r\n";
    replies += "250 ENHANCEDSTATUSCODES\r\n";
  } else if (verb == "data") {
    replies += "354 End with a dot\r\n";
    in_body_ = true;
    rest_.insert(0, "\r\n"); // a body may begin with its final dot
  } else if (verb == "quit") {
    replies += "221 2.0.0 Bye\r\n";
    ended_ = true;
  } else if (verb == "auth") {
    replies += "235 2.7.0 Ok\r\n"; // PLAIN with an initial response, from anybody
  } else if (verb == "star" && offer_tls_) {
    replies += "220 2.0.0 Ready\r\n";
    wants_tls_ = true;
  } else {
    replies += "250 2.1.0 Ok\r\n";
  }
}

// RFC 3207 4.2: what was said before TLS is forgotten.
void Session::secured() {
  wants_tls_ = false;
  offer_tls_ = false;
  secure_ = true;
  rest_.clear();
}

} // namespace waypost::bench
