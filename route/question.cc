#include "route/question.h"

#include <algorithm>

#include "lib/mail/idna.h"
#include "lib/sys/text.h"

namespace waypost::route {
namespace {

std::string normal_or_lower(const std::string& domain) {
  if (domain.empty()) return {};
  Result<std::string> normal = normal_domain(domain);
  return normal ? std::move(*normal) : ascii_lower(domain);
}

} // namespace

bool Question::was_refused_by(std::string_view transport) const {
  return std::ranges::find(refused, transport) != refused.end();
}

Question question_of(const RouteQuery& query) {
  Question question;
  question.account = query.account;
  question.from = normal_or_lower(query.from);
  question.to = normal_or_lower(query.to);
  question.attempt = query.attempt;
  question.classes = query.classes;
  // The failure that is asked about has happened, whether it was counted before or not.
  question.classes.add(query.refusal);
  question.refused = query.refused;
  question.hand = query.hand;
  question.refusal = query.refusal;
  question.local = query.local;
  question.expanded = query.expanded;
  return question;
}

} // namespace waypost::route
