// ControlFilter: which messages a command means. All filters must match; of several ids any. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/mail/record.h"
#include "queue/manager/message_view.h"

namespace waypost::queue {

class ControlFilter {
public:
  // An error names the filter that is wrong.
  [[nodiscard]] static Result<ControlFilter> parse(const Record& request);

  [[nodiscard]] const std::vector<std::string>& ids() const { return ids_; }
  [[nodiscard]] bool matches_message(const MessageView& view, const std::string& account,
                                     WallUs now) const;
  // Whether recipients must be looked at: if so, one must match all that is asked of recipients.
  [[nodiscard]] bool asks_of_recipients() const;
  [[nodiscard]] bool matches(const RecipientView& one) const;

private:
  std::vector<std::string> ids_;
  std::optional<std::string> from_;
  std::optional<std::string> to_;
  std::optional<std::string> domain_;
  std::optional<std::string> account_;
  std::optional<std::string> transport_;
  std::optional<std::string> class_;
  bool held_ = false;
  std::uint64_t older_s_ = 0;
};

} // namespace waypost::queue
