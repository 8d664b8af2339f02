// Sink: what all sessions of one listening address share: its script, whom it does not take at
// once, how often each section had its turn, and where messages go. Every call takes its lock.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "demo/script.h"
#include "demo/tls_server.h"

namespace waypost::demo {

// Recipients that are sent away once, and those that are refused for good.
struct Manners {
  std::set<std::string> greylisted;
  std::set<std::string> refused;
};

struct Settings {
  std::string label;
  Manners manners;
  Script script;
  std::string keep; // the folder for messages; "": none
  bool verbose = false;
};

class Sink {
public:
  explicit Sink(Settings settings);

  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] TlsServer& tls();

  // A session's number, from 1, and how many are open with it. `taken` is false when those are too
  // many; each is ended.
  struct Entry {
    std::uint64_t number;
    std::uint64_t open;
    bool taken;
  };
  [[nodiscard]] Entry begin_session();
  void end_session();

  // The section whose turn it is, which is then used up; null: the usual.
  [[nodiscard]] const Section* turn(Moment moment, const std::string& command);
  [[nodiscard]] bool seen_before(const std::string& recipient);

  // Prints "[label] ..." as one line, made safe.
  void say(const std::string& line);
  // Stores the message, when messages are kept, as keep/LABEL-N.
  void keep(const std::string& message);

private:
  const Settings settings_;
  std::mutex lock_;
  std::unique_ptr<TlsServer> tls_; // made when first used
  std::vector<std::uint64_t> turns_;
  std::set<std::string> seen_;
  std::uint64_t sessions_ = 0;
  std::uint64_t open_ = 0;
  std::uint64_t kept_ = 0;
};

} // namespace waypost::demo
