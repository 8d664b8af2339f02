#include "tests/unit/deliver/scripted_server.h"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace waypost::test {

Script::Script(int fd) : fd_(fd) {}

Script::~Script() {
  if (fd_ >= 0) ::close(fd_);
}

void Script::start_tls() {
  const TlsServer usual({.names = {"DNS:test"}});
  start_tls(usual);
}

const TlsEnd& Script::start_tls(const TlsServer& server) {
  tls_ = std::make_unique<TlsEnd>(fd_, server);
  return *tls_;
}

void Script::say(std::string_view text) {
  if (tls_ != nullptr) return tls_->write(text);
  while (!text.empty()) {
    const ssize_t put = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    if (put <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

bool Script::fill() {
  std::array<char, 65536> block;
  const long got = tls_ != nullptr ? tls_->read(block.data(), block.size())
                                   : ::recv(fd_, block.data(), block.size(), 0);
  if (got <= 0) return false;
  buffer_.append(block.data(), static_cast<std::size_t>(got));
  return true;
}

std::string Script::hear() {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!fill()) return heard_.emplace_back("(closed)");
  }
  heard_.push_back(buffer_.substr(0, end));
  buffer_.erase(0, end + 2);
  return heard_.back();
}

std::string Script::hear_bytes(std::size_t count) {
  while (buffer_.size() < count && fill()) {
  }
  std::string bytes = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return bytes;
}

std::string Script::hear_message() {
  std::string all;
  const std::string dot = "\r\n.\r\n";
  for (;;) {
    if (buffer_.starts_with(".\r\n")) {
      buffer_.erase(0, 3);
      return {};
    }
    const std::size_t end = buffer_.find(dot);
    if (end != std::string::npos) {
      all = buffer_.substr(0, end + 2);
      buffer_.erase(0, end + dot.size());
      return all;
    }
    if (!fill()) return "(closed)";
  }
}

bool Script::hear_rest() {
  const std::string dot = "\r\n.\r\n";
  for (;;) {
    if (buffer_.find(dot) != std::string::npos) return true;
    if (buffer_.size() > dot.size()) buffer_.erase(0, buffer_.size() - dot.size());
    if (!fill()) return false;
  }
}

std::string Script::answer(std::string_view reply) {
  std::string line = hear();
  if (line != "(closed)") say(reply);
  return line;
}

void Script::greet(std::string_view ehlo) {
  say("220 test ESMTP\r\n");
  answer(ehlo);
}

void Script::wait(std::uint64_t ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

void Script::reset() {
  const linger hard{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ::close(fd_);
  fd_ = -1;
}

std::string take_mail(Script& peer, int recipients, std::string_view verdict) {
  peer.answer("250 sender ok\r\n");
  for (int i = 0; i < recipients; ++i)
    peer.answer("250 recipient ok\r\n");
  peer.answer("354 go on\r\n");
  std::string message = peer.hear_message();
  peer.say(verdict);
  return message;
}

ScriptedServer::ScriptedServer(std::vector<Play> plays, const char* address)
    : plays_(std::move(plays)),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  inet_pton(AF_INET, address, &at.sin_addr);
  socklen_t size = sizeof at;
  ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&at), size);
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &size);
  port_ = ntohs(at.sin_port);
  ::listen(listener_.get(), 16);
  thread_ = std::thread([this] { serve(); });
}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  if (thread_.joinable()) thread_.join();
}

void ScriptedServer::serve() {
  for (;;) {
    const int fd = ::accept(listener_.get(), nullptr, nullptr);
    if (fd < 0) return;
    const timeval patience{5, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    Script script(fd);
    std::size_t which = 0;
    {
      const std::lock_guard guard(lock_);
      which = connections_++;
    }
    if (which < plays_.size()) plays_[which](script);
    const std::lock_guard guard(lock_);
    if (which > 0) heard_.emplace_back("-");
    heard_.insert(heard_.end(), script.heard().begin(), script.heard().end());
  }
}

std::vector<std::string> ScriptedServer::heard() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  if (thread_.joinable()) thread_.join();
  const std::lock_guard guard(lock_);
  return heard_;
}

std::size_t ScriptedServer::connections() {
  const std::lock_guard guard(lock_);
  return connections_;
}

} // namespace waypost::test
