#include "route/story_output.h"

#include <algorithm>

#include "lib/sys/json.h"
#include "lib/sys/text.h"
#include "route/quantity.h"

namespace waypost::route {
namespace {

// More lost rules than fit a screen are counted, not listed; --json has them all.
constexpr std::size_t kMostLosses = 40;

std::string rule_name(const Decision& decision) {
  if (decision.by_hand) return "by hand";
  return decision.rule != nullptr ? decision.rule->where : "default";
}

std::string level_text(const RouteRule& rule) {
  switch (rule.level) {
  case RouteLevel::account: return "account " + rule.key;
  case RouteLevel::domain: return "domain " + rule.key;
  case RouteLevel::global: return "global";
  }
  return {};
}

// "ses (submission to email-smtp.example.net:587)"
std::string transport_text(const Decision& decision, const std::string& destination) {
  const Transport& transport = *decision.transport;
  const std::string type(name(transport.type));
  if (transport.type == TransportType::fail) {
    return transport.name + " (refuses: " + std::to_string(transport.code) + " " + transport.text +
           ")";
  }
  std::string how = transport.name == type ? "" : type + " ";
  if (transport.type == TransportType::socks) how += "by " + transport.proxy + " ";
  return transport.name + " (" + how + "to " + destination + ")";
}

std::string members_text(const Decision& decision) {
  constexpr std::size_t kShown = 10;
  std::string all;
  for (std::size_t i = 0; i < std::min(kShown, decision.members.size()); ++i)
    all += (i == 0 ? "" : ", ") + printable(decision.members[i]);
  if (decision.members.size() > kShown)
    all += " and " + std::to_string(decision.members.size() - kShown) + " more";
  return all;
}

// What led away from the address that was asked for, and why mail stays.
std::string local_text(const Decision& decision) {
  std::string out;
  if (!decision.alias.empty()) {
    out += "    by the alias " + decision.alias;
    out += decision.to.empty() ? "\n" : ", which leads to " + printable(decision.to) + "\n";
  } else if (!decision.to.empty()) {
    out += "    by root_to, which leads to " + printable(decision.to) + "\n";
  }
  if (decision.kind == Decision::Kind::use && is_local(decision.transport->type))
    out += "    here: the domain is one of local_domains, or a rule leads to a local transport\n";
  return out;
}

std::string decision_text(const Decision& decision, const std::string& destination) {
  switch (decision.kind) {
  case Decision::Kind::use: return transport_text(decision, destination);
  case Decision::Kind::wait: return "waits: " + decision.reason;
  case Decision::Kind::bounce: return "bounces";
  case Decision::Kind::refuse: return "refused: 550 " + printable(decision.reason);
  case Decision::Kind::expand:
    return "becomes a message" +
           (decision.sender.empty() ? "" : " from " + printable(decision.sender)) + " to " +
           members_text(decision);
  case Decision::Kind::ask_local: return "depends on the local part";
  }
  return {};
}

std::string reason_text(const Reason& reason) {
  if (reason.criterion == "order") return "order: " + reason.got + " matches and stands before it";
  return reason.criterion + ": wants " + reason.wanted + ", got " + reason.got;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

std::string losses_text(const std::vector<Loss>& lost) {
  const std::size_t shown = std::min(lost.size(), kMostLosses);
  std::size_t width = 0;
  for (std::size_t i = 0; i < shown; ++i)
    width = std::max(width, lost[i].rule->where.size());
  std::string out;
  for (std::size_t i = 0; i < shown; ++i) {
    const RouteRule& rule = *lost[i].rule;
    out += "    not " + padded(rule.where, width) + "  " + level_text(rule) + " -> " +
           rule.transport + "\n";
    for (const Reason& reason : lost[i].reasons)
      out += "        " + reason_text(reason) + "\n";
  }
  if (shown < lost.size()) {
    out += "    and " + std::to_string(lost.size() - shown) + " more rules; --json lists them\n";
  }
  return out;
}

std::string run_text(const Run& run, const Settings& settings) {
  std::string out = run.first == run.last ? "attempt " + std::to_string(run.first)
                                          : "attempts " + std::to_string(run.first) + " to " +
                                                std::to_string(run.last);
  if (run.first > 1) {
    out += ", from " + duration_text(time_of_attempt(settings, run.first) * 1000) + " on";
  }
  out += ": " + decision_text(run.decision, run.destination) + "\n";
  out += local_text(run.decision);
  const bool here =
      run.decision.kind == Decision::Kind::use && is_local(run.decision.transport->type);
  if (run.decision.kind == Decision::Kind::use && (!here || run.decision.rule != nullptr)) {
    const RouteRule* rule = run.decision.rule;
    out += rule == nullptr ? "    by default: no rule matches\n"
                           : "    by " + rule->where + "  " + level_text(*rule) + "\n";
  }
  return out + losses_text(run.lost);
}

std::string after_text(const AfterFailure& after) {
  const std::string klass(name(after.klass));
  std::string out = "after a failure of class " + klass + ": ";
  if (after.decision.kind == Decision::Kind::use) {
    out += after.decision.transport->name + ", by " + rule_name(after.decision);
  } else {
    out += decision_text(after.decision, "");
  }
  if (after.moves) out += "; also when it was refused for good";
  return out + "\n";
}

std::string loss_json(const Loss& loss, const std::string& attempt) {
  JsonArray why;
  for (const Reason& reason : loss.reasons) {
    JsonObject one;
    one.text("criterion", reason.criterion).text("wanted", reason.wanted);
    why.add(one.text("got", reason.criterion == "attempt" ? attempt : reason.got).str());
  }
  JsonObject object;
  object.text("rule", loss.rule->where).text("level", level_text(*loss.rule));
  return object.text("transport", loss.rule->transport).raw("why", why.str()).str();
}

std::string attempt_json(const Run& run, std::uint64_t attempt) {
  JsonObject object;
  object.number("attempt", attempt);
  object.some_text("alias", run.decision.alias).some_text("to", run.decision.to);
  if (run.decision.kind == Decision::Kind::refuse) {
    object.number("code", 550).text("text", run.decision.reason);
  } else if (run.decision.kind == Decision::Kind::expand) {
    JsonArray members;
    for (const std::string& one : run.decision.members)
      members.add(json_string(one));
    object.raw("members", members.str()).some_text("sender", run.decision.sender);
  } else if (run.decision.kind == Decision::Kind::use) {
    const Transport& transport = *run.decision.transport;
    object.text("transport", transport.name).text("type", name(transport.type));
    object.text("destination", run.destination).text("rule", rule_name(run.decision));
  } else {
    object.text("wait", run.decision.reason);
  }
  JsonArray lost;
  for (const Loss& one : run.lost)
    lost.add(loss_json(one, std::to_string(attempt)));
  return object.raw("lost", lost.str()).str();
}

} // namespace

std::string story_text(const Story& story, const StoryTitle& title, const Settings& settings) {
  std::string out = "from " + (title.from.empty() ? "<>" : title.from) + " to " + title.to;
  out += title.account.empty() ? ", no account (--account NAME)\n"
                               : ", account " + title.account + "\n";
  out = printable(out.substr(0, out.size() - 1)) + "\n";
  if (!title.rewritten.empty())
    out += "leaves as from " + printable(title.rewritten) + ", by from_rewrite\n";
  for (const Run& run : story.runs)
    out += run_text(run, settings);
  for (const AfterFailure& after : story.after)
    out += after_text(after);
  return out;
}

std::string story_json(const Story& story) {
  std::string out;
  for (const Run& run : story.runs) {
    for (std::uint32_t attempt = run.first; attempt <= run.last; ++attempt)
      out += attempt_json(run, attempt) + '\n';
  }
  return out;
}

} // namespace waypost::route
