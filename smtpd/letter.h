// Letter: one message, from its first byte after 354 to the answer that follows its last.
//
// Its first 64 KiB are kept here, so that waypost-queue runs for a moment only, however slowly a
// small message comes; a larger one is passed on as it comes. What cannot be taken is read to its
// end all the same: the answer has its place behind CRLF.CRLF.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "smtpd/answer.h"
#include "smtpd/completion.h"
#include "smtpd/data_text.h"
#include "smtpd/queue_door.h"

namespace waypost::smtpd {

class Letter {
public:
  // `trace` goes before the message, and what it lacks by `completion`. `size_max`: 0 for none;
  // these count, since they do for waypost-queue. `lf_ends_lines`: see DataText.
  struct Form {
    std::string trace;
    std::uint64_t size_max = 0;
    bool lf_ends_lines = false;
    std::optional<Completion> completion = {};
  };
  Letter(QueueDoor& door, Form form);
  Letter(const Letter&) = delete;
  Letter& operator=(const Letter&) = delete;
  ~Letter();

  // Takes bytes off `rest`, up to the end of the message.
  void take(std::string_view& rest);
  [[nodiscard]] bool ended() const { return text_.ended(); }
  // After the end: hands it over.
  [[nodiscard]] Answer finish(std::string_view envelope);

  [[nodiscard]] std::uint64_t size() const { return size_; }

private:
  static constexpr std::size_t kKept = std::size_t{64} << 10;
  [[nodiscard]] bool refused() const { return text_.bare_line_end() || too_large_ || closed_; }
  enum class Kept : bool { begin, all };
  void grow(std::size_t bytes);
  // `kept`: what there is before anything was passed on.
  void pass_on(Kept kept);
  void begin(Kept kept);
  void give_up();

  QueueDoor& door_;
  Form form_;
  DataText text_;
  std::string kept_; // not yet passed on
  std::uint64_t size_ = 0;
  bool too_large_ = false;
  bool open_ = false;   // waypost-queue reads
  bool closed_ = false; // it could not be started
};

} // namespace waypost::smtpd
