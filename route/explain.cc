#include "route/explain.h"

#include <algorithm>

#include "route/answer.h"
#include "route/criterion.h"
#include "route/local_decision.h"

namespace waypost::route {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& one : words) {
    if (!all.empty()) all += " or ";
    all += one;
  }
  return all;
}

std::string or_none(const std::string& text) {
  return text.empty() ? "none" : text;
}

std::string attempts_text(std::uint32_t first, std::uint32_t last) {
  return first == last ? std::to_string(first)
                       : std::to_string(first) + " to " + std::to_string(last);
}

bool same_answer(const Decision& a, const Decision& b) {
  return a.kind == b.kind && a.transport == b.transport && a.rule == b.rule &&
         a.reason == b.reason && a.to == b.to && a.members == b.members && a.sender == b.sender;
}

// Whether the rule stands in a list that is tried for this message at all.
void explain_level(const RouteRule& rule, const Question& question, std::vector<Reason>& reasons) {
  if (rule.level == RouteLevel::account && rule.key != question.account) {
    reasons.push_back({"account", rule.key, or_none(question.account)});
  }
  if (rule.level == RouteLevel::domain && rule.key != question.from) {
    reasons.push_back({"domain", rule.key, or_none(question.from)});
  }
}

std::vector<Reason> why_it_lost(const RouteRule& rule, const Question& question, const Run& run) {
  std::vector<Reason> reasons;
  explain_level(rule, question, reasons);
  if (match_from(rule, question) == Match::no)
    reasons.push_back({"from", joined(rule.from), or_none(question.from)});
  if (match_to(rule, question) == Match::no)
    reasons.push_back({"to", joined(rule.to), or_none(question.to)});
  if (match_attempt(rule, question) == Match::no) {
    reasons.push_back({"attempt", std::to_string(rule.attempt) + " or later",
                       attempts_text(run.first, run.last)});
  }
  if (match_after(rule, question) == Match::no) {
    reasons.push_back(
        {"after", "a failure of class " + rule.after.text(), or_none(question.classes.text())});
  }
  if (!reasons.empty()) return reasons;
  if (passed_over(rule, question)) {
    reasons.push_back({"refused", "a transport that has not refused",
                       rule.transport + ", which refused for good"});
  } else {
    const RouteRule* first = run.decision.rule;
    reasons.push_back({"order", "the first match", first == nullptr ? "by hand" : first->where});
  }
  return reasons;
}

// For the last attempt of a run: attempts only grow, so what does not fit then never did.
void explain_losses(const Routes& routes, const Question& question, Run& run) {
  for (const RouteRule& rule : routes.snapshot().routes) {
    if (&rule != run.decision.rule) run.lost.push_back({&rule, why_it_lost(rule, question, run)});
  }
}

// No failure comes before the first attempt.
Question at_attempt(const RouteQuery& query, std::uint32_t attempt) {
  RouteQuery one = query;
  one.attempt = attempt;
  if (attempt == 1) one.classes = {};
  return question_of(one);
}

std::vector<AfterFailure> explain_after(const Routes& routes, const RouteQuery& query) {
  FailureClasses asked;
  std::vector<AfterFailure> all;
  const Decision usual = decide(routes, at_attempt(query, 2));
  for (int number = 1; number <= static_cast<int>(FailureClass::other); ++number) {
    const auto klass = static_cast<FailureClass>(number);
    const auto asks = [&](const RouteRule& rule) { return rule.after.has(klass); };
    if (query.classes.has(klass) || !std::ranges::any_of(routes.snapshot().routes, asks)) continue;
    Question question = at_attempt(query, 2);
    question.classes.add(klass);
    AfterFailure one{klass, decide(routes, question), false};
    if (same_answer(one.decision, usual)) continue;
    const Decision first = decide(routes, at_attempt(query, 1));
    if (first.transport != nullptr) question.refused.push_back(first.transport->name);
    question.refusal = klass;
    one.moves = decide(routes, question).kind == Decision::Kind::use;
    all.push_back(std::move(one));
  }
  return all;
}

} // namespace

Story explain(const Routes& routes, const RouteQuery& query, std::uint32_t attempts) {
  Story story;
  for (std::uint32_t attempt = 1; attempt <= attempts; ++attempt) {
    const Question question = at_attempt(query, attempt);
    Decision decision = decide_for_recipient(routes, question);
    if (story.runs.empty() || !same_answer(story.runs.back().decision, decision)) {
      Run run{attempt, attempt, std::move(decision), {}, {}};
      if (run.decision.transport != nullptr) {
        run.destination = place_of(run.decision, question, routes.snapshot().settings);
      }
      story.runs.push_back(std::move(run));
    }
    story.runs.back().last = attempt;
  }
  // Rules say how mail leaves, and no rule has lost where it stays.
  if (is_local_domain(routes.snapshot().settings, query.to)) return story;
  for (Run& run : story.runs)
    explain_losses(routes, at_attempt(query, run.last), run);
  story.after = explain_after(routes, query);
  return story;
}

std::uint64_t time_of_attempt(const Settings& settings, std::uint32_t number) {
  std::uint64_t all = 0;
  for (std::uint32_t i = 0; i + 1 < number && i < settings.retry_s.size(); ++i)
    all += settings.retry_s[i];
  return all;
}

} // namespace waypost::route
