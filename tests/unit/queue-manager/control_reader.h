// Who asks at the control socket, and reads the answers when the test says so.
#pragma once

#include <algorithm>
#include <vector>

#include "queue/manager/control_answer.h"

namespace waypost::test {

class Reader final : public queue::ControlSink {
public:
  void send(Record record, std::string_view) override { records.push_back(std::move(record)); }
  [[nodiscard]] bool full() const override { return records.size() >= most; }
  [[nodiscard]] const Record* find(std::string_view key, std::string_view value,
                                   std::string_view type) const {
    for (const Record& one : records)
      if (one.get(key) == value && one.get("type") == type) return &one;
    return nullptr;
  }
  [[nodiscard]] std::size_t count(std::string_view type) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(records, [&](const Record& one) { return one.get("type") == type; }));
  }
  std::vector<Record> records;
  std::size_t most = SIZE_MAX;
};

} // namespace waypost::test
