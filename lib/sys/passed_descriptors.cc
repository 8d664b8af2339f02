#include "lib/sys/passed_descriptors.h"

#include <array>
#include <cstring>
#include <sys/socket.h>

namespace waypost {
namespace {

// A byte, and room for descriptors beside it.
struct Parcel {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostPassed * sizeof(int))> room{};
  char byte = 0;
  iovec part{&byte, 1};
  msghdr header{};

  explicit Parcel(std::size_t descriptors) {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = room.data();
    header.msg_controllen = CMSG_SPACE(descriptors * sizeof(int));
  }
};

// What came along; with another number than was expected, what there was is closed.
bool take_from(msghdr& header, std::span<Fd> taken) {
  const cmsghdr* const rights = CMSG_FIRSTHDR(&header);
  if (rights == nullptr || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS)
    return false;
  std::array<int, kMostPassed> came{};
  const std::size_t count = (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  std::memcpy(came.data(), CMSG_DATA(rights), count * sizeof(int));
  std::array<Fd, kMostPassed> owned;
  for (std::size_t i = 0; i < count; ++i)
    owned[i].reset(came[i]);
  if (count != taken.size() || (header.msg_flags & MSG_CTRUNC) != 0) return false;
  for (std::size_t i = 0; i < count; ++i)
    taken[i] = std::move(owned[i]);
  return true;
}

} // namespace

Result<> pass_descriptors(int socket, char byte, std::span<const int> descriptors) {
  Parcel parcel(descriptors.size());
  parcel.byte = byte;
  cmsghdr* const rights = CMSG_FIRSTHDR(&parcel.header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(descriptors.size_bytes());
  std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size_bytes());
  ssize_t n = ::sendmsg(socket, &parcel.header, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR)
    n = ::sendmsg(socket, &parcel.header, MSG_NOSIGNAL);
  if (n != 1) return fail_errno("pass descriptors");
  return {};
}

Result<std::optional<char>> take_descriptors(int socket, std::span<Fd> taken) {
  Parcel parcel(taken.size());
  ssize_t n = ::recvmsg(socket, &parcel.header, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR)
    n = ::recvmsg(socket, &parcel.header, MSG_CMSG_CLOEXEC);
  if (n < 0) return fail_errno("take descriptors");
  if (n == 0) return std::nullopt;
  if (!take_from(parcel.header, taken)) return fail("what came has not the descriptors");
  return parcel.byte;
}

} // namespace waypost
