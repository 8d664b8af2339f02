#include "queue/commands/control_client.h"

#include <criterion/criterion.h>
#include <filesystem>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "lib/sys/fd.h"
#include "lib/sys/netstring.h"
#include "queue/commands/line_ends.h"

using namespace std::string_literals;
using namespace waypost;
using namespace waypost::queue;

namespace {

std::string framed(const std::string& payload) {
  std::string out;
  append_netstring(out, payload);
  return out;
}

struct Answer {
  std::string type;
  std::string content;
};

struct Reading {
  Result<Ending> ending;
  std::vector<Answer> answers;
};

// What the client makes of bytes that a manager sends before it closes.
Reading read(const std::string& bytes) {
  int ends[2];
  cr_assert(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  const Fd ours(ends[0]);
  std::jthread manager([fd = Fd(ends[1]), bytes]() {
    std::string_view rest(bytes);
    while (!rest.empty()) { // in small pieces, as a slow manager would
      const ssize_t n =
          ::send(fd.get(), rest.data(), std::min<std::size_t>(rest.size(), 7), MSG_NOSIGNAL);
      if (n <= 0) return;
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
  });
  Reading reading;
  reading.ending = read_answers(ours.get(), [&](const Record& record, std::string_view content) {
    reading.answers.push_back({std::string(record.get("type")), std::string(content)});
    return Result<>();
  });
  ::shutdown(ours.get(), SHUT_RDWR);
  return reading;
}

const std::string kEnd = framed("type=end\0status=0\0"s);

// A manager that answers one request on a socket of its own.
class FakeManager {
public:
  explicit FakeManager(std::string answer) {
    char name[] = "/tmp/waypost-control-XXXXXX";
    cr_assert(::mkdtemp(name) != nullptr);
    folder = name;
    listening.reset(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    cr_assert(::bind(listening.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    cr_assert(::listen(listening.get(), 1) == 0);
    thread = std::jthread([this, answer] {
      const Fd peer(::accept(listening.get(), nullptr, nullptr));
      char bytes[4096];
      const ssize_t n = ::read(peer.get(), bytes, sizeof bytes);
      if (n > 0) request.assign(bytes, static_cast<std::size_t>(n));
      [[maybe_unused]] const ssize_t sent = ::write(peer.get(), answer.data(), answer.size());
    });
  }
  ~FakeManager() {
    if (thread.joinable()) thread.join();
    std::filesystem::remove_all(folder);
  }
  [[nodiscard]] std::string path() const { return folder + "/control"; }

  std::string folder;
  Fd listening;
  std::string request;
  std::jthread thread;
};

} // namespace

Test(client, takes_answers_up_to_the_end) {
  const Reading got = read(framed("type=message\0"s) + framed("type=content\0bytes=3\0"s) +
                           framed("a\0b"s) + framed("type=end\0status=100\0text=no\0"s));
  cr_assert(got.ending.has_value());
  cr_expect(got.ending->status == 100 && got.ending->text == "no");
  cr_assert(got.answers.size() == 2);
  cr_expect(got.answers[0].type == "message" && got.answers[0].content.empty());
  cr_expect(got.answers[1].content == "a\0b"s);
}

Test(client, refuses_answers_that_make_no_sense) {
  const struct {
    const char* what;
    std::string bytes;
  } rows[] = {
      {"nothing", ""},
      {"no end", framed("type=message\0"s)},
      {"half an end", kEnd.substr(0, kEnd.size() - 1)},
      {"no status", framed("type=end\0"s)},
      {"a status that is none", framed("type=end\0status=7\0"s)},
      {"no netstring", "hello"},
      {"no record", framed("hello")},
      {"too long", "99999999999:"},
      {"another length", framed("type=content\0bytes=4\0"s) + framed("abc") + kEnd},
      {"content without bytes", framed("type=content\0"s) + framed("abc") + kEnd},
  };
  for (const auto& row : rows)
    cr_expect(!read(row.bytes).ending.has_value(), "%s", row.what);
}

Test(client, sends_its_request_over_the_socket) {
  FakeManager manager(framed("type=status\0queued=3\0"s) + kEnd);
  Record request;
  request.add("command", "status");
  std::string queued;
  const auto ending = ask_manager(manager.path(), request, [&](const Record& answer, auto) {
    queued = answer.get("queued");
    return Result<>();
  });
  cr_assert(ending.has_value(), "%s", ending ? "" : ending.error().text.c_str());
  cr_expect(queued == "3");
  manager.thread.join();
  cr_expect(manager.request == framed("command=status\0"s));
}

Test(client, an_error_of_the_caller_ends_the_request) {
  FakeManager manager(framed("type=status\0"s) + kEnd);
  const auto ending = ask_manager(manager.path(), Record().add("command", "status"),
                                  [](const Record&, auto) -> Result<> { return fail("full"); });
  cr_expect(!ending.has_value() && ending.error().text == "full");
}

Test(client, knows_when_nobody_listens) {
  const auto none = [](const Record&, std::string_view) { return Result<>(); };
  cr_expect(ask_manager("/nonexistent/control", Record(), none).error().code == ENOENT);
  cr_expect(!ask_manager(std::string(200, 'x'), Record(), none).has_value());
  // A socket that was left behind by a manager that is gone.
  FakeManager manager("");
  const Fd left(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = manager.folder + "/left";
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  cr_assert(::bind(left.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  cr_expect(ask_manager(path, Record(), none).error().code == ECONNREFUSED);
  cr_expect(!ask_manager(manager.path(), Record(), none).has_value()); // lets its thread end
}

Test(line_ends, crlf_becomes_lf_wherever_it_is_cut) {
  const std::string text = "a\r\nb\r\r\nc\nd\r";
  for (std::size_t at = 0; at <= text.size(); ++at) {
    LineEnds lines;
    const std::string first = lines.take(std::string_view(text).substr(0, at));
    const std::string second = lines.take(std::string_view(text).substr(at));
    cr_expect(first + second + lines.end() == "a\nb\r\nc\nd\r", "cut at %zu", at);
  }
}
