// A submission server for tests: TLS 1.3 from the start, and logins that GNU SASL checks, which is
// none of our code.
//
//   server PORT CERTIFICATE KEY PASSWORD MECHANISMS right|wrong
//
// Offers the mechanisms, and takes one connection after the other. `wrong`: GNU SASL is told of
// another channel than this one, as if somebody stood between. Writes "ready", then "login
// MECHANISM" or "refused MECHANISM" for each AUTH and "message" for each message, a line each.

#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <gsasl.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <string>
#include <string_view>
#include <unistd.h>

namespace {

struct Options {
  std::string password;
  std::string mechanisms;
  bool wrong = false;
};

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(111);
}

// RFC 9266 2, in base64, as GNU SASL wants it.
std::string binding_of(SSL* ssl, bool wrong) {
  constexpr std::string_view label = "EXPORTER-Channel-Binding";
  unsigned char bytes[32];
  if (SSL_export_keying_material(ssl, bytes, sizeof bytes, label.data(), label.size(), nullptr, 0,
                                 1) != 1)
    give_up("export");
  if (wrong) bytes[0] = static_cast<unsigned char>(bytes[0] ^ 1);
  unsigned char text[64];
  const int size = EVP_EncodeBlock(text, bytes, sizeof bytes);
  return {reinterpret_cast<char*>(text), static_cast<std::size_t>(size)};
}

class Session {
public:
  Session(SSL* ssl, Gsasl* gsasl, const Options& options)
      : ssl_(ssl),
        gsasl_(gsasl),
        options_(options) {}

  void run() {
    say("220 gsasl.test ESMTP");
    std::string line;
    while (read_line(line) && answer(line)) {
    }
  }

private:
  void say(std::string line) {
    line += "\r\n";
    SSL_write(ssl_, line.data(), static_cast<int>(line.size()));
  }
  bool read_line(std::string& line) {
    line.clear();
    char c = 0;
    while (SSL_read(ssl_, &c, 1) == 1) {
      if (c == '\n') return true;
      if (c != '\r') line += c;
    }
    return false;
  }
  bool answer(const std::string& line) {
    const std::string verb = line.substr(0, 4);
    if (verb == "EHLO") {
      say("250-gsasl.test");
      say("250 AUTH " + options_.mechanisms);
    } else if (verb == "AUTH") {
      return log_in(line.substr(5));
    } else if (verb == "QUIT") {
      say("221 Bye");
      return false;
    } else if (!in_) {
      say("530 5.7.0 Log in first");
    } else if (verb == "DATA") {
      return take_message();
    } else {
      say("250 Ok");
    }
    return true;
  }
  bool take_message() {
    say("354 Go ahead");
    std::string line;
    while (read_line(line)) {
      if (line != ".") continue;
      std::puts("message");
      say("250 Taken");
      return true;
    }
    return false;
  }
  // RFC 4954 4: AUTH MECHANISM [INITIAL], then 334 and responses.
  bool log_in(const std::string& words) {
    const std::size_t space = words.find(' ');
    const std::string mechanism = words.substr(0, space);
    std::string response = space == std::string::npos ? "" : words.substr(space + 1);
    Gsasl_session* session = nullptr;
    if (gsasl_server_start(gsasl_, mechanism.c_str(), &session) != GSASL_OK) {
      say("504 5.5.4 No such mechanism");
      return true;
    }
    gsasl_property_set(session, GSASL_PASSWORD, options_.password.c_str());
    gsasl_property_set(session, GSASL_CB_TLS_EXPORTER, binding_of(ssl_, options_.wrong).c_str());
    int result = GSASL_NEEDS_MORE;
    bool open = true;
    while (open && result == GSASL_NEEDS_MORE) {
      char* challenge = nullptr;
      result = gsasl_step64(session, response.c_str(), &challenge);
      const std::string text = challenge == nullptr ? "" : challenge;
      gsasl_free(challenge);
      // A last word is a challenge too, and answered by an empty line.
      if (result == GSASL_NEEDS_MORE || (result == GSASL_OK && !text.empty())) {
        say("334 " + text);
        open = read_line(response);
      }
    }
    gsasl_finish(session);
    in_ = open && result == GSASL_OK;
    std::printf("%s %s\n", in_ ? "login" : "refused", mechanism.c_str());
    say(in_ ? "235 2.7.0 Welcome" : std::string("535 5.7.8 ") + gsasl_strerror(result));
    return open;
  }

  SSL* ssl_;
  Gsasl* gsasl_;
  const Options& options_;
  bool in_ = false;
};

int listen_on(const char* port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd, 10) != 0)
    give_up("listen");
  return fd;
}

SSL_CTX* make_context(const char* certificate, const char* key) {
  SSL_CTX* const made = SSL_CTX_new(TLS_server_method());
  const bool good = SSL_CTX_set_min_proto_version(made, TLS1_3_VERSION) == 1 &&
                    SSL_CTX_use_certificate_chain_file(made, certificate) == 1 &&
                    SSL_CTX_use_PrivateKey_file(made, key, SSL_FILETYPE_PEM) == 1;
  if (!good) give_up("certificate");
  return made;
}

} // namespace

int main(int count, char** values) {
  if (count != 7) {
    std::fputs("usage: server PORT CERTIFICATE KEY PASSWORD MECHANISMS right|wrong\n", stderr);
    return 100;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::signal(SIGPIPE, SIG_IGN);
  const Options options{values[4], values[5], std::string_view(values[6]) == "wrong"};
  SSL_CTX* const context = make_context(values[2], values[3]);
  Gsasl* gsasl = nullptr;
  if (gsasl_init(&gsasl) != GSASL_OK) give_up("gsasl");
  const int listening = listen_on(values[1]);
  std::puts("ready");
  for (;;) {
    const int connection = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    SSL* const ssl = SSL_new(context);
    SSL_set_fd(ssl, connection);
    if (SSL_accept(ssl) == 1) Session(ssl, gsasl, options).run();
    SSL_free(ssl);
    ::close(connection);
  }
}
