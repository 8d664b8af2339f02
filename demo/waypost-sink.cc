// waypost-sink: SMTP servers on addresses that it is told, friendly or as hostile as a script says.
//
//   waypost-sink [-v] [-g ADDRESS]... [-r ADDRESS]... [-k DIR] [--script FILE|DIR] LABEL=IP:PORT...
//   waypost-sink --check FILE...
//
// Listens as each LABEL; -g: that recipient is greylisted once, -r: refused for good, both by all
// but "smarthost", which takes what it gets. With a DIR of scripts, LABEL follows DIR/LABEL.sink.
// Port 0 takes a free one. Prints "listening LABEL IP:PORT" for each, and then what arrives. Ends
// by SIGTERM.
//
// Privilege: none. A thread for each connection: this is a tool for tests, not for the world.

#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <getopt.h>
#include <sstream>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "demo/session.h"
#include "lib/sys/text.h"

namespace {

using namespace waypost;
using namespace waypost::demo;

struct Options {
  Settings settings; // of every listener, but for label and script
  std::string script;
  bool check = false;
};

int usage() {
  std::fputs("usage: waypost-sink [-v] [-g ADDRESS]... [-r ADDRESS]... [-k DIR] "
             "[--script FILE|DIR] LABEL=IP:PORT...\n"
             "       waypost-sink --check FILE...\n",
             stderr);
  return 100;
}

// The script in a file; none after saying every error as FILE:LINE.
std::optional<Script> read_script(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    std::fprintf(stderr, "waypost-sink: cannot read %s\n", path.c_str());
    return std::nullopt;
  }
  auto script = parse_script(text.view());
  if (script) return *std::move(script);
  for (const ScriptError& error : script.error())
    std::fprintf(stderr, "%s:%zu: %s\n", path.c_str(), error.line, error.text.c_str());
  return std::nullopt;
}

int check(int count, char** paths) {
  bool good = count > 0;
  for (int i = 0; i < count; ++i)
    good = read_script(paths[i]).has_value() && good;
  return good ? 0 : 100;
}

std::optional<Script> script_for(const std::string& label, const std::string& path) {
  if (path.empty()) return Script();
  if (!std::filesystem::is_directory(path)) return read_script(path);
  const std::string own = path + "/" + label + ".sink";
  return std::filesystem::exists(own) ? read_script(own) : Script();
}

// A listening socket at IP:PORT, or [IPV6]:PORT; prints where.
Fd listen_at(const std::string& label, std::string_view where) {
  const std::size_t colon = where.rfind(':');
  if (colon == std::string_view::npos) return {};
  std::string ip(where.substr(0, colon));
  if (ip.starts_with('[') && ip.ends_with(']')) ip = ip.substr(1, ip.size() - 2);
  const auto port = parse_number(where.substr(colon + 1), 65535);
  sockaddr_in6 six{};
  sockaddr_in four{};
  const bool is_six = ::inet_pton(AF_INET6, ip.c_str(), &six.sin6_addr) == 1;
  if (!port || (!is_six && ::inet_pton(AF_INET, ip.c_str(), &four.sin_addr) != 1)) return {};
  six.sin6_family = AF_INET6;
  four.sin_family = AF_INET;
  six.sin6_port = four.sin_port = htons(static_cast<std::uint16_t>(*port));
  auto* const address =
      is_six ? reinterpret_cast<sockaddr*>(&six) : reinterpret_cast<sockaddr*>(&four);
  socklen_t length = is_six ? sizeof six : sizeof four;
  Fd socket(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return {};
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.get(), address, length) != 0 || ::listen(socket.get(), 1024) != 0) return {};
  ::getsockname(socket.get(), address, &length);
  const std::string host(where.substr(0, colon));
  std::printf("listening %s %s:%u\n", label.c_str(), host.c_str(),
              ntohs(is_six ? six.sin6_port : four.sin_port));
  std::fflush(stdout);
  return socket;
}

// Sinks and threads live until a signal ends the program.
void serve(const std::shared_ptr<Sink>& sink, const Fd& listener) {
  while (true) {
    Fd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10)); // no descriptor is free, perhaps
      continue;
    }
    std::thread([sink, socket = std::move(connection)]() mutable {
      Session(*sink, std::move(socket)).run();
    }).detach();
  }
}

// LABEL=IP:PORT; an exit status when that cannot be.
int begin(const Options& options, std::string_view where) {
  Settings settings = options.settings;
  settings.label = cut(where, '=');
  std::optional<Script> script = script_for(settings.label, options.script);
  if (!script) return 100;
  settings.script = *std::move(script);
  if (settings.label == "smarthost") settings.manners = {};
  Fd listener = listen_at(settings.label, where);
  if (!listener) {
    std::fprintf(stderr, "waypost-sink: cannot listen at %.*s\n", static_cast<int>(where.size()),
                 where.data());
    return 111;
  }
  std::thread([sink = std::make_shared<Sink>(std::move(settings)), socket = std::move(listener)] {
    serve(sink, socket);
  }).detach();
  return 0;
}

bool take_options(int count, char** values, Options& options) {
  static const option kLong[] = {{"script", required_argument, nullptr, 's'},
                                 {"keep", required_argument, nullptr, 'k'},
                                 {"verbose", no_argument, nullptr, 'v'},
                                 {"check", no_argument, nullptr, 'c'},
                                 {nullptr, 0, nullptr, 0}};
  for (int option = 0; option != -1;) {
    option = ::getopt_long(count, values, "g:r:k:v", kLong, nullptr);
    switch (option) {
    case 'g': options.settings.manners.greylisted.insert(optarg); break;
    case 'r': options.settings.manners.refused.insert(optarg); break;
    case 'k': options.settings.keep = optarg; break;
    case 'v': options.settings.verbose = true; break;
    case 's': options.script = optarg; break;
    case 'c': options.check = true; break;
    case -1: break;
    default: return false;
    }
  }
  return optind < count;
}

} // namespace

int main(int count, char** values) {
  Options options;
  if (!take_options(count, values, options)) return usage();
  if (options.check) return check(count - optind, values + optind);
  std::signal(SIGPIPE, SIG_IGN);
  for (int i = optind; i < count; ++i) {
    const int status = begin(options, values[i]);
    if (status != 0) std::_Exit(status); // listeners that have begun are threads
  }
  while (true)
    ::pause();
}
