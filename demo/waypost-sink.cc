// waypost-sink: the other side of `make demo`.
//
//   waypost-sink [-g ADDRESS]... [-r ADDRESS]... LABEL=IP:PORT...
//
// Listens as each LABEL; -g: that recipient is greylisted once, -r: refused for good, both by all
// but "smarthost", which takes what it gets. Port 0 takes a free one. Prints "listening LABEL
// IP:PORT" for each, and then what arrives. Ends by SIGTERM.
//
// Privilege: none; it listens at the addresses that it is told.

#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <uv.h>

#include "demo/sink.h"
#include "lib/sys/text.h"

namespace {

using waypost::demo::Manners;
using waypost::demo::SinkSession;

struct Listener {
  uv_tcp_t tcp{};
  std::string label;
  Manners* manners = nullptr;
};

// A connection lives from accept to uv_close's callback.
struct Connection {
  uv_tcp_t tcp{};
  std::optional<SinkSession> session;
  std::array<char, 65536> buffer{};
};

struct Reply {
  uv_write_t request{};
  std::string bytes;
  bool last = false;
};

void close_connection(Connection* connection) {
  auto* handle = reinterpret_cast<uv_handle_t*>(&connection->tcp);
  if (uv_is_closing(handle) != 0) return;
  uv_close(handle, [](uv_handle_t* closed) { delete static_cast<Connection*>(closed->data); });
}

void send(Connection* connection, std::string bytes) {
  const bool last = connection->session->ended();
  if (bytes.empty()) {
    if (last) close_connection(connection);
    return;
  }
  auto* reply = std::make_unique<Reply>().release(); // the callback owns it
  reply->bytes = std::move(bytes);
  reply->last = last;
  reply->request.data = reply;
  const uv_buf_t out = uv_buf_init(reply->bytes.data(), static_cast<unsigned>(reply->bytes.size()));
  uv_write(&reply->request, reinterpret_cast<uv_stream_t*>(&connection->tcp), &out, 1,
           [](uv_write_t* request, int status) {
             const std::unique_ptr<Reply> done(static_cast<Reply*>(request->data));
             if (status < 0 || done->last)
               close_connection(static_cast<Connection*>(request->handle->data));
           });
}

void on_bytes(uv_stream_t* stream, ssize_t n, const uv_buf_t* bytes) {
  auto* connection = static_cast<Connection*>(stream->data);
  if (n < 0) return close_connection(connection);
  send(connection, connection->session->take({bytes->base, static_cast<std::size_t>(n)}));
}

void on_connection(uv_stream_t* server, int status) {
  if (status < 0) return;
  const auto* listener = static_cast<Listener*>(server->data);
  auto* connection = std::make_unique<Connection>().release(); // close_connection owns it
  uv_tcp_init(server->loop, &connection->tcp);
  connection->tcp.data = connection;
  connection->session.emplace(listener->label, *listener->manners);
  auto* stream = reinterpret_cast<uv_stream_t*>(&connection->tcp);
  if (uv_accept(server, stream) < 0) return close_connection(connection);
  send(connection, connection->session->greeting());
  uv_read_start(
      stream,
      [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
        auto& space = static_cast<Connection*>(handle->data)->buffer;
        *buffer = uv_buf_init(space.data(), static_cast<unsigned>(space.size()));
      },
      on_bytes);
}

// LABEL=IP:PORT. False: it cannot be listened at.
bool listen(uv_loop_t* loop, Listener& listener, std::string_view where) {
  listener.label = waypost::cut(where, '=');
  const std::string ip(waypost::cut(where, ':'));
  const auto port = waypost::parse_number(where, 65535);
  sockaddr_in address{};
  if (!port || uv_ip4_addr(ip.c_str(), static_cast<int>(*port), &address) != 0) return false;
  uv_tcp_init(loop, &listener.tcp);
  listener.tcp.data = &listener;
  if (uv_tcp_bind(&listener.tcp, reinterpret_cast<const sockaddr*>(&address), 0) != 0) return false;
  if (uv_listen(reinterpret_cast<uv_stream_t*>(&listener.tcp), 128, on_connection) != 0)
    return false;
  int length = sizeof address;
  uv_tcp_getsockname(&listener.tcp, reinterpret_cast<sockaddr*>(&address), &length);
  std::printf("listening %s %s:%u\n", listener.label.c_str(), ip.c_str(), ntohs(address.sin_port));
  std::fflush(stdout);
  return true;
}

int usage() {
  std::fputs("usage: waypost-sink [-g ADDRESS]... [-r ADDRESS]... LABEL=IP:PORT...\n", stderr);
  return 100;
}

} // namespace

int main(int count, char** values) {
  Manners manners;
  Manners takes_all;
  for (int option = ::getopt(count, values, "g:r:"); option != -1;
       option = ::getopt(count, values, "g:r:")) {
    if (option == 'g')
      manners.greylisted.insert(optarg);
    else if (option == 'r')
      manners.refused.insert(optarg);
    else
      return usage();
  }
  if (optind == count) return usage();
  uv_loop_t* loop = uv_default_loop();
  std::vector<std::unique_ptr<Listener>> listeners;
  for (int i = optind; i < count; ++i) {
    const std::string_view where = values[i];
    Listener& listener = *listeners.emplace_back(std::make_unique<Listener>());
    listener.manners = where.starts_with("smarthost=") ? &takes_all : &manners;
    if (!listen(loop, listener, where)) {
      std::fprintf(stderr, "waypost-sink: cannot listen at %s\n", values[i]);
      return 111;
    }
  }
  return uv_run(loop, UV_RUN_DEFAULT);
}
