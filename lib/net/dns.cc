#include "lib/net/dns.h"

#include <ares.h>
#include <sys/random.h>
#include <sys/time.h>
#include <utility>

#include "lib/sys/text.h"

namespace waypost::net {
namespace {

template <class Handle>
void close_and_free(Handle* handle) {
  handle->data = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(handle), [](uv_handle_t* closed) {
    const std::unique_ptr<Handle> freed(reinterpret_cast<Handle*>(closed));
  });
}

std::uint16_t random_id() {
  std::uint16_t id = 0;
  while (::getrandom(&id, sizeof id, 0) != sizeof id) {
  }
  return id;
}

// RFC 7686 2: these do not exist in the DNS, and nobody is to be asked.
bool is_onion(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return equal_ignoring_case(name.substr(name.rfind('.') + 1), "onion");
}

DnsAnswer given_up(DnsAnswer answer, std::string why) {
  answer.status = DnsStatus::failed;
  answer.text = std::move(why);
  return answer;
}

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all)
    text += (text.empty() ? "" : ",") + one;
  return text;
}

} // namespace

// What c-ares gives back with an answer.
struct Resolver::Arrival {
  Resolver* resolver;
  std::shared_ptr<Lookup::State> state;
};

Resolver::Resolver(Loop& loop, std::vector<std::string> servers, std::uint64_t first_wait_ms)
    : loop_(loop),
      servers_(std::move(servers)),
      first_wait_ms_(first_wait_ms) {}

Resolver::~Resolver() {
  // Pending queries end with ARES_EDESTRUCTION; nobody is resumed by that.
  if (channel_ != nullptr) ares_destroy(channel_);
  for (const auto& [fd, poll] : polls_)
    close_and_free(poll);
  if (timer_ != nullptr) close_and_free(timer_);
}

Result<> Resolver::open() {
  if (channel_ != nullptr) return {};
  ares_options options{};
  options.flags = ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  options.timeout = static_cast<int>(first_wait_ms_);
  options.tries = 2;
  options.ednspsz = 4096; // taken from servers that send more than our queries ask for
  options.sock_state_cb = on_socket;
  options.sock_state_cb_data = this;
  const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
                   ARES_OPT_SOCK_STATE_CB;
  int status = ares_init_options(&channel_, &options, mask);
  if (status != ARES_SUCCESS) channel_ = nullptr;
  if (status == ARES_SUCCESS && !servers_.empty()) {
    status = ares_set_servers_ports_csv(channel_, joined(servers_).c_str());
    if (status != ARES_SUCCESS) ares_destroy(std::exchange(channel_, nullptr));
  }
  if (status != ARES_SUCCESS) return fail(std::string("resolver: ") + ares_strerror(status));
  timer_ = std::make_unique<uv_timer_t>().release();
  uv_timer_init(loop_.uv(), timer_);
  timer_->data = this;
  return {};
}

Lookup Resolver::start(const std::string& name, DnsType type) {
  auto state = std::make_shared<Lookup::State>();
  state->name = name;
  state->type = type;
  state->edns = edns_;
  if (is_onion(name)) {
    state->done = true;
    state->answer.status = DnsStatus::no_name;
    state->answer.text = "NXDOMAIN";
    return Lookup(std::move(state));
  }
  const Result<> ready = open();
  const Result<std::string> query = make_query(name, type, random_id(), edns_);
  if (!ready || !query) {
    state->done = true;
    state->answer.text = ready ? query.error().text : ready.error().text;
    return Lookup(std::move(state));
  }
  auto arrival = std::make_unique<Arrival>(Arrival{this, state});
  const auto* const bytes = reinterpret_cast<const unsigned char*>(query->data());
  ares_send(channel_, bytes, static_cast<int>(query->size()), on_answer, arrival.release());
  arm_timer();
  return Lookup(std::move(state));
}

Task<DnsAnswer> Resolver::finish(Lookup lookup) {
  const Deadline deadline = loop_.in(kMostMs);
  const DnsType type = lookup.type();
  DnsAnswer answer = co_await lookup;
  if (answer.plain_only && lookup.edns()) {
    edns_ = false;
    Lookup again = start(lookup.name(), type);
    answer = co_await again;
  }
  for (int cnames = answer.cnames;; cnames += answer.cnames) {
    if (cnames > kMostCnames) co_return given_up(std::move(answer), "more than 16 CNAMEs");
    // A server that followed the CNAMEs itself would have sent what stands at their end.
    if (answer.status != DnsStatus::no_data || answer.cnames == 0) co_return answer;
    if (loop_.now_ms() > deadline.at_ms) {
      co_return given_up(std::move(answer), "slow servers, CNAME after CNAME");
    }
    Lookup further = start(answer.canonical, type);
    answer = co_await further;
  }
}

void Resolver::on_answer(void* arrival, int status, int, unsigned char* bytes, int length) {
  const std::unique_ptr<Arrival> owned(static_cast<Arrival*>(arrival));
  Lookup::State& state = *owned->state;
  if (bytes != nullptr && length > 0) {
    const std::string_view message(reinterpret_cast<const char*>(bytes),
                                   static_cast<std::size_t>(length));
    state.answer = read_answer(message, state.type);
  } else {
    state.answer.status = status == ARES_ETIMEOUT || status == ARES_ECONNREFUSED
                              ? DnsStatus::timed_out
                              : DnsStatus::failed;
    state.answer.text = ares_strerror(status);
  }
  state.done = true;
  if (status != ARES_EDESTRUCTION) owned->resolver->answered_.push_back(owned->state);
}

// Resumes who waits, outside of c-ares: they may ask on at once.
void Resolver::wake() {
  while (!answered_.empty()) {
    const std::vector<std::shared_ptr<Lookup::State>> now = std::exchange(answered_, {});
    for (const auto& one : now) {
      if (one->waiter) std::exchange(one->waiter, {}).resume();
    }
  }
}

void Resolver::arm_timer() {
  timeval next{};
  if (ares_timeout(channel_, nullptr, &next) == nullptr && answered_.empty()) {
    uv_timer_stop(timer_);
    return;
  }
  const auto ms = static_cast<std::uint64_t>(next.tv_sec * 1000 + next.tv_usec / 1000 + 1);
  const auto fire = [](uv_timer_t* timer) {
    Resolver* const self = static_cast<Resolver*>(timer->data);
    ares_process_fd(self->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    self->arm_timer();
    self->wake();
  };
  uv_timer_start(timer_, fire, answered_.empty() ? ms : 0, 0);
}

void Resolver::on_socket(void* self, int fd, int readable, int writable) {
  static_cast<Resolver*>(self)->watch(fd, readable != 0, writable != 0);
}

void Resolver::watch(int fd, bool readable, bool writable) {
  const auto found = polls_.find(fd);
  if (!readable && !writable) {
    if (found == polls_.end()) return;
    close_and_free(found->second); // before c-ares closes the descriptor
    polls_.erase(found);
    return;
  }
  uv_poll_t* poll = found == polls_.end() ? nullptr : found->second;
  if (poll == nullptr) {
    poll = std::make_unique<uv_poll_t>().release();
    uv_poll_init(loop_.uv(), poll, fd);
    poll->data = this;
    polls_.emplace(fd, poll);
  }
  uv_poll_start(poll, (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0), on_poll);
}

void Resolver::on_poll(uv_poll_t* poll, int status, int events) {
  Resolver* const self = static_cast<Resolver*>(poll->data);
  uv_os_fd_t fd = -1;
  uv_fileno(reinterpret_cast<const uv_handle_t*>(poll), &fd);
  const bool both = status < 0;
  ares_process_fd(self->channel_, both || (events & UV_READABLE) != 0 ? fd : ARES_SOCKET_BAD,
                  both || (events & UV_WRITABLE) != 0 ? fd : ARES_SOCKET_BAD);
  self->arm_timer();
  self->wake();
}

} // namespace waypost::net
