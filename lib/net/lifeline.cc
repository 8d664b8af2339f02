#include "lib/net/lifeline.h"

#include <cstdlib>
#include <fcntl.h>
#include <memory>

namespace waypost::net {

Lifeline::Lifeline(Loop& loop, int fd) {
  if (::fcntl(fd, F_GETFD) < 0) return;
  auto poll = std::make_unique<uv_poll_t>();
  if (uv_poll_init(loop.uv(), poll.get(), fd) != 0) std::abort(); // it would outlive the tree
  poll_ = poll.release();
  poll_->data = &loop;
  uv_poll_start(poll_, UV_READABLE,
                [](uv_poll_t* ended, int, int) { static_cast<Loop*>(ended->data)->stop(); });
  uv_unref(reinterpret_cast<uv_handle_t*>(poll_));
}

Lifeline::~Lifeline() {
  if (poll_ == nullptr) return;
  uv_close(reinterpret_cast<uv_handle_t*>(poll_), [](uv_handle_t* closed) {
    const std::unique_ptr<uv_poll_t> freed(reinterpret_cast<uv_poll_t*>(closed));
  });
}

} // namespace waypost::net
