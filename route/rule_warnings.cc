#include "route/rule_warnings.h"

#include <algorithm>
#include <optional>

#include "lib/mail/domain_pattern.h"
#include "route/quantity.h"
#include "route/rule_index.h"
#include "route/warnings.h"

namespace waypost::route {
namespace {

// What is left to a rule behind another that covers it, from nothing to most.
enum class Left : std::uint8_t { nothing, refused_mail, refusals };

bool may_move_any(FailureClasses classes) {
  for (int number = 1; number <= static_cast<int>(FailureClass::other); ++number) {
    const auto klass = static_cast<FailureClass>(number);
    if (classes.has(klass) && may_move(klass)) return true;
  }
  return false;
}

bool all_classes_in(FailureClasses inner, FailureClasses outer) {
  for (int number = 1; number <= static_cast<int>(FailureClass::other); ++number) {
    const auto klass = static_cast<FailureClass>(number);
    if (inner.has(klass) && !outer.has(klass)) return false;
  }
  return true;
}

// A list of patterns covers a pattern; no list is any domain, and also mail that has none.
bool covers(const std::vector<std::string>& outer, std::string_view inner) {
  return outer.empty() ||
         std::ranges::any_of(outer, [&](const auto& one) { return waypost::covers(one, inner); });
}

std::string lines_text(const std::vector<unsigned>& lines) {
  std::string all = lines.size() == 1 ? "the rule on line " : "the rules on lines ";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i != 0) all += i + 1 == lines.size() ? " and " : ", ";
    all += std::to_string(lines[i]);
  }
  return all;
}

class RuleWarnings {
public:
  RuleWarnings(const Snapshot& snapshot, const std::vector<TableOrigin>& origins,
               Complaints& warnings)
      : settings_(snapshot.settings),
        rules_(snapshot.routes),
        origins_(origins),
        warnings_(warnings),
        index_(snapshot.routes),
        any_moves_(std::ranges::any_of(
            rules_, [](const RouteRule& rule) { return may_move_any(rule.after); })) {}

  void run() {
    for (std::uint32_t number = 0; number < rules_.size(); ++number) {
      if (!never_fits(number)) order(number);
    }
  }

private:
  void add(std::uint32_t number, std::string_view key, const std::string& text) {
    warnings_.add(origins_[number].line_of(key), text);
  }

  // Whether the rule cannot match by itself; says so.
  bool never_fits(std::uint32_t number) {
    const RouteRule& rule = rules_[number];
    const std::uint64_t last = last_attempt(settings_);
    if (rule.attempt > last) {
      add(number, "attempt",
          "attempt: this rule can never match: a message expires after " +
              duration_text(settings_.expire_after_s * 1000) + ", and attempt " +
              std::to_string(last) + " is its last; write attempt = " + std::to_string(last) +
              " or less, or a longer retry");
      return true;
    }
    return rule.level == RouteLevel::domain && foreign_from(number);
  }

  // [[domain."example.org".route]] is asked only for senders in example.org itself.
  bool foreign_from(std::uint32_t number) {
    const RouteRule& rule = rules_[number];
    std::string foreign;
    std::size_t count = 0;
    for (const std::string& pattern : rule.from) {
      if (fits(pattern, rule.key)) continue;
      foreign += (foreign.empty() ? "" : ", ") + quoted(pattern);
      ++count;
    }
    if (count == 0) return false;
    const bool all = count == rule.from.size();
    add(number, "from",
        std::string(all ? "from: this rule can never match: " : "from: ") + foreign +
            (all ? " in" : " never matches in") + " a table for senders in " + quoted(rule.key) +
            "; leave from out, or write a [[route]] with it");
    return all;
  }

  // The first rule before `number` that takes all its mail to the domains of `to` ("": any).
  [[nodiscard]] std::optional<std::uint32_t> covering(std::uint32_t number,
                                                      std::string_view to) const {
    const RouteRule& rule = rules_[number];
    // Whatever covers the rule fits this mail of it.
    Question sample;
    sample.account = rule.level == RouteLevel::account ? rule.key : std::string();
    sample.from = rule.level == RouteLevel::domain ? rule.key : sample_of(rule.from);
    sample.to = to.starts_with('.') ? to.substr(1) : to;
    for (const std::uint32_t before : index_.candidates(sample)) {
      if (before >= number) break;
      if (covers_mail(rules_[before], rule, to)) return before;
    }
    return std::nullopt;
  }

  static std::string sample_of(const std::vector<std::string>& patterns) {
    if (patterns.empty()) return {};
    const std::string& first = patterns.front();
    return first.starts_with('.') ? first.substr(1) : first;
  }

  static bool covers_mail(const RouteRule& before, const RouteRule& rule, std::string_view to) {
    const bool to_covered = to.empty() ? before.to.empty() : covers(before.to, to);
    if (!to_covered || before.attempt > std::max(rule.attempt, 1U)) return false;
    if (!before.after.empty() &&
        (rule.after.empty() || !all_classes_in(rule.after, before.after))) {
      return false;
    }
    const bool from_domain = before.level == RouteLevel::domain && rule.level != before.level;
    return from_domain ? covers_senders_of_domain(before, rule) : covers_senders(before, rule);
  }

  static bool covers_senders(const RouteRule& before, const RouteRule& rule) {
    if (before.from.empty()) return true;
    if (rule.level == RouteLevel::domain && rule.from.empty()) return covers(before.from, rule.key);
    return !rule.from.empty() && std::ranges::all_of(rule.from, [&](const std::string& one) {
      return covers(before.from, one);
    });
  }

  // A global rule for senders in this one domain only.
  static bool covers_senders_of_domain(const RouteRule& before, const RouteRule& rule) {
    const auto is_domain = [&](const std::string& one) { return one == before.key; };
    return !rule.from.empty() && std::ranges::all_of(rule.from, is_domain) &&
           covers(before.from, before.key);
  }

  // What `before` leaves to `rule`, all of whose mail it takes; none: a chain that is meant.
  [[nodiscard]] std::optional<Left> left(const RouteRule& before, const RouteRule& rule) const {
    const bool same = before.transport == rule.transport;
    if (!rule.after.empty() && before.after.empty()) {
      return may_move_any(rule.after) ? Left::refusals : Left::nothing;
    }
    if (same) return Left::nothing;
    if (!rule.after.empty()) return std::nullopt;
    return any_moves_ ? Left::refused_mail : Left::nothing;
  }

  void order(std::uint32_t number) {
    const RouteRule& rule = rules_[number];
    std::vector<unsigned> lines;
    std::string transports;
    Left most = Left::nothing;
    std::vector<std::string_view> destinations(rule.to.begin(), rule.to.end());
    if (destinations.empty()) destinations.emplace_back();
    for (const std::string_view to : destinations) {
      const auto before = covering(number, to);
      const auto leaves = before ? left(rules_[*before], rule) : std::nullopt;
      if (!leaves) return;
      most = std::max(most, *leaves);
      const unsigned line = origins_[*before].line;
      if (std::ranges::find(lines, line) != lines.end()) continue;
      lines.push_back(line);
      transports += (transports.empty() ? "" : " and ") + quoted(rules_[*before].transport);
    }
    std::ranges::sort(lines);
    add(number, {}, text(most, lines, transports));
  }

  static std::string text(Left most, const std::vector<unsigned>& lines,
                          const std::string& transports) {
    const std::string before = lines_text(lines);
    const std::string all = lines.size() == 1 ? " takes all its mail" : " take all its mail";
    const std::string move = "; move it above " + before;
    switch (most) {
    case Left::nothing:
      return "this rule can never match: " + before + all + " first" + move + ", or remove it";
    case Left::refused_mail:
      return "this rule decides only for mail that " + transports +
             " has refused for good: " + before + all + " first" + move + " if that is not meant";
    case Left::refusals:
      return "this rule decides only after a refusal for good, never when mail was put off: " +
             before + all + " first" + move + " if that is not meant";
    }
    return {};
  }

  const Settings& settings_;
  const std::vector<RouteRule>& rules_;
  const std::vector<TableOrigin>& origins_;
  Complaints& warnings_;
  RuleIndex index_;
  bool any_moves_;
};

} // namespace

void warn_of_rules(const Snapshot& snapshot, const std::vector<TableOrigin>& origins,
                   Complaints& warnings) {
  RuleWarnings(snapshot, origins, warnings).run();
}

} // namespace waypost::route
