// logger: the syslog daemon of the bench: a datagram socket on one side, a file on the other.
//
//   logger SOCKET FILE
//
// Without it Postfix would run without a log, which nobody does. Its CPU time is charged to nobody.

#include <array>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char** argv) {
  sockaddr_un address{};
  if (argc != 3 || std::strlen(argv[1]) >= sizeof address.sun_path) return 100;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, argv[1], std::strlen(argv[1]) + 1);

  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int file = ::open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (socket < 0 || file < 0) return 111;
  ::unlink(argv[1]);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) return 111;

  static std::array<char, 65536> line;
  for (;;) {
    const ssize_t got = ::recv(socket, line.data(), line.size() - 1, 0);
    if (got < 0) return 111;
    line[static_cast<std::size_t>(got)] = '\n';
    if (::write(file, line.data(), static_cast<std::size_t>(got) + 1) < 0) return 111;
  }
}
