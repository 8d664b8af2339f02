// A turn's questions to the routes, and the tickets that follow from the answers.
#include "queue/manager/turn.h"

#include <algorithm>
#include <fcntl.h>

#include "lib/sys/log.h"
#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

constexpr std::uint32_t kMostInJob = 1'000;

// Recipients for whom the routes must give the same answer are asked for once.
std::string question(const RouteQuery& query) {
  return to_record(query).encode();
}

std::string way_of(const RouteAnswer& choice, std::uint32_t attempt) {
  std::string key = choice.transport + '\0' + choice.destination + '\0' + choice.rule + '\0';
  key += choice.text + '\0'; // a refusal has its own words for each
  key += std::to_string(choice.generation) + '/' + std::to_string(attempt);
  return key;
}

bool has_eight_bits(std::string_view text) {
  return std::ranges::any_of(text,
                             [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; });
}

Transaction refusal_by_rule(const RouteAnswer& choice, Ranges recipients) {
  Outcome outcome;
  outcome.disposition = choice.code >= 500 ? Disposition::failed : Disposition::deferred;
  outcome.klass = choice.klass;
  outcome.code = choice.code;
  // RFC 3463 3.8: delivery not authorised, message refused, when the text names no other status.
  outcome.status =
      EnhancedCode::parse(choice.text)
          .value_or(EnhancedCode{choice.code >= 500 ? std::uint8_t{5} : std::uint8_t{4}, 7, 1});
  outcome.reply = choice.text.empty() ? "refused by a rule of this host" : choice.text;
  Transaction transaction;
  transaction.groups.push_back({std::move(recipients), std::move(outcome)});
  return transaction;
}

} // namespace

RouteQuery Turn::query_for(const Open& one) const {
  RouteQuery query;
  query.account = account_;
  query.from = sender_.sender.domain();
  query.to = one.recipient.address.domain();
  query.attempt = one.progress.attempts + 1;
  query.classes = one.progress.classes;
  query.refused = one.progress.refused;
  query.hand = facts_.hand;
  query.expanded = is_child(id());
  return query;
}

// An answer's address was checked by nobody yet; one that is none changes nothing.
Address Turn::address_now(const Open& one) {
  if (!one.choice || one.choice->to.empty()) return one.recipient.address;
  Result<Address> to = Address::parse(one.choice->to);
  if (to && !to->null()) return std::move(*to);
  return one.recipient.address;
}

// The domain is this machine's own: what becomes of a recipient depends on its name.
void Turn::ask_with_local_parts(const std::vector<std::uint32_t>& numbers) {
  for (const std::uint32_t number : numbers) {
    const Open& one = open_.at(number);
    RouteQuery query = query_for(one);
    query.local = one.recipient.address.local();
    ask(query, {number});
  }
}

void Turn::route_loaded() {
  if (stopped_ || bounced_) return; // submit_routed() takes them back
  std::map<std::string, std::pair<RouteQuery, std::vector<std::uint32_t>>> questions;
  for (auto& [number, one] : open_) {
    if (one.stage != Stage::loaded) continue;
    one.stage = Stage::asked;
    RouteQuery query = query_for(one);
    auto& [asked, numbers] = questions[question(query)];
    asked = std::move(query);
    numbers.push_back(number);
  }
  for (auto& [key, one] : questions)
    ask(one.first, std::move(one.second));
}

void Turn::ask(const RouteQuery& query, std::vector<std::uint32_t> numbers) {
  ++asking_;
  host_.ask_route(
      query, [self = shared_from_this(), numbers = std::move(numbers)](const RouteAnswer& answer) {
        --self->asking_;
        self->answered(numbers, answer);
        self->advance();
      });
}

void Turn::answered(const std::vector<std::uint32_t>& numbers, const RouteAnswer& answer) {
  if (stopped_ || bounced_) { // meanwhile: submit_routed() takes them back
    for (const std::uint32_t number : numbers)
      open_.at(number).stage = Stage::loaded;
    return;
  }
  // No answer is never "direct": the recipients wait, which is no attempt.
  if (answer.bounce || !answer.wait.empty()) {
    Log("waits")
        .id(id().text())
        .add("recipients", numbers.size())
        .add("reason", answer.wait)
        .info();
    for (const std::uint32_t number : numbers)
      open_.erase(number);
    waits_ = true;
    return;
  }
  if (answer.ask_local) return ask_with_local_parts(numbers);
  if (!answer.members.empty()) {
    for (const std::uint32_t number : numbers)
      expand(number, answer);
    return;
  }
  const auto choice = std::make_shared<const RouteAnswer>(answer);
  for (const std::uint32_t number : numbers) {
    Open& one = open_.at(number);
    one.choice = choice;
    one.stage = Stage::routed;
  }
}

// Once no question is open: recipients of many domains may share a smarthost's transaction.
void Turn::submit_routed() {
  if (asking_ != 0) return;
  if (stopped_ || bounced_) return take_back();
  struct Group {
    std::shared_ptr<const RouteAnswer> choice;
    std::uint32_t attempt;
    std::vector<std::uint32_t> numbers;
  };
  std::map<std::string, Group> groups;
  for (auto& [number, one] : open_) {
    if (one.stage != Stage::routed) continue;
    one.stage = Stage::queued;
    const std::uint32_t attempt = one.progress.attempts + 1;
    Group& group = groups[way_of(*one.choice, attempt)];
    group.choice = one.choice;
    group.attempt = attempt;
    group.numbers.push_back(number);
  }
  for (const auto& [key, group] : groups) {
    if (group.choice->type == "fail") {
      fail_by_rule(*group.choice, group.attempt, group.numbers);
      continue;
    }
    const std::string why = why_unfit(*group.choice);
    if (!why.empty()) {
      defer_unfit(*group.choice, group.attempt, group.numbers, why);
      continue;
    }
    const std::size_t most = std::min(group.choice->recipients, kMostInJob);
    for (std::size_t at = 0; at < group.numbers.size(); at += most) {
      const auto first = group.numbers.begin() + static_cast<std::ptrdiff_t>(at);
      const auto count = std::min(most, group.numbers.size() - at);
      host_.submit({shared_from_this(),
                    id().text(),
                    account_,
                    *group.choice,
                    group.attempt,
                    {first, first + static_cast<std::ptrdiff_t>(count)}});
    }
  }
}

void Turn::fail_by_rule(const RouteAnswer& choice, std::uint32_t attempt,
                        const std::vector<std::uint32_t>& numbers) {
  Ranges recipients;
  for (const std::uint32_t number : numbers)
    recipients.add(number);
  settle_all({attempt, choice.transport, choice.rule},
             refusal_by_rule(choice, std::move(recipients)), false);
  advance();
}

void Turn::ask_again(const Ticket& ticket) {
  for (const std::uint32_t number : ticket.recipients) {
    const auto at = open_.find(number);
    if (at != open_.end() && (at->second.stage == Stage::queued || at->second.stage == Stage::sent))
      at->second.stage = Stage::loaded;
  }
  route_loaded();
  advance(); // nothing else may be under way that would
}

void Turn::put_off(const Ticket& ticket) {
  for (const std::uint32_t number : ticket.recipients)
    open_.erase(number);
  waits_ = true;
  advance();
}

Result<std::pair<Job, Fd>> Turn::compose(const Ticket& ticket, std::uint64_t number) {
  // A second open, not a duplicate: what the sender gets can only be read.
  Result<Fd> fd = host_.fs().open_at(host_.dirs().cur(id()), cur_name(id(), start_.name),
                                     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
  if (!fd) return std::unexpected(fd.error());
  Job job;
  job.job = number;
  job.generation = ticket.choice.generation;
  job.id = id().text();
  job.account = account_;
  job.transport = ticket.choice.transport;
  job.destination = ticket.choice.destination;
  job.attempt = ticket.attempt;
  job.kick = start_.kick;
  job.sender = sender_;
  job.offset = file_->head().message_offset();
  job.length = file_->head().message_length;
  job.eight_bit = file_->head().eight_bit || has_eight_bits(facts_.headers);
  job.headers = facts_.headers;
  job.skip = std::min(facts_.skip, job.length);
  job.signature = facts_.signature;
  for (const std::uint32_t n : ticket.recipients) {
    Open& one = open_.at(n);
    one.stage = Stage::sent;
    one.job = number;
    job.recipients.push_back({n, one.recipient});
    job.recipients.back().recipient.address = address_now(one);
    // An address is worth remembering only for the way on which it was met.
    if (one.progress.transport != job.transport) continue;
    if (job.prefer.empty()) job.prefer = one.progress.prefer();
    if (job.avoid.empty()) job.avoid = one.progress.avoid();
  }
  return std::pair{std::move(job), std::move(*fd)};
}

} // namespace waypost::queue
