#include "route/local_decision.h"

#include <algorithm>
#include <utility>

#include "lib/mail/address.h"
#include "lib/mail/idna.h"
#include "lib/mail/local_user.h"
#include "lib/sys/text.h"
#include "route/alias_expansion.h"
#include "route/criterion.h"

namespace waypost::route {
namespace {

class LocalDecision {
public:
  LocalDecision(const Routes& routes, const Question& question)
      : routes_(routes),
        question_(question),
        settings_(routes.snapshot().settings),
        domain_(question.to.empty() ? settings_.hostname : question.to),
        name_(unquoted_local_part(question.local)) {}

  Decision decide() {
    const std::optional<AliasTarget> target = target_of_local_part(question_.local);
    if (target) return named_by_alias(*target);
    if (question_.expanded) return here(name_);
    Expansion expansion = expand_name(name_);
    // RFC 5321 4.5.1: there is always a postmaster.
    if (expansion.kind == Expansion::Kind::none && equal_ignoring_case(name_, "postmaster")) {
      name_ = "root";
      expansion = expand_name(name_);
    }
    if (expansion.kind == Expansion::Kind::none) return here(name_);
    return follow(std::move(expansion));
  }

  // By a transport that some rule or a person has chosen.
  Decision by(const Transport& transport, Decision chosen) {
    decision_ = std::move(chosen);
    return deliver(transport, name_);
  }

private:
  Expansion expand_name(std::string_view name) {
    return expand(
        routes_.aliases(), name, domain_,
        [this](std::string_view domain) { return domain_here(domain); }, settings_.root_to);
  }

  Decision follow(Expansion expansion) {
    decision_.alias = expansion.where;
    switch (expansion.kind) {
    case Expansion::Kind::none:
    case Expansion::Kind::members: break;
    case Expansion::Kind::loop:
      return refuse(FailureClass::other, "5.4.6 the alias leads back to itself, " +
                                             expansion.where + ": " + expansion.reason);
    case Expansion::Kind::broken:
      return wait("the alias " + expansion.where +
                  " is wrong, and mail for it waits: " + expansion.reason);
    }
    const bool owned = !expansion.owner.empty(); // another sender needs another message
    if (expansion.members.size() == 1 && !owned) return lead_on(expansion.members.front());
    decision_.kind = Decision::Kind::expand;
    decision_.members = std::move(expansion.members);
    decision_.sender = std::move(expansion.owner);
    return decision_;
  }

  // A command or a file may be reached by its name, as long as the alias file has it.
  Decision named_by_alias(const AliasTarget& target) {
    const Result<const AliasFile*> file = routes_.aliases().current();
    if (!file) return wait(file.error().text);
    if (!(*file)->names(target)) {
      return refuse(FailureClass::mailbox, "5.1.1 " + routes_.aliases().path() +
                                               " names no such command or file (any more)");
    }
    decision_.kind = Decision::Kind::use;
    decision_.transport = routes_.snapshot().transport(kAliasesTransport);
    if (decision_.transport == nullptr) return wait("the snapshot is of an older waypost");
    decision_.mailbox = decision_.transport->name;
    return decision_;
  }

  // An alias of one address: the recipient is that from here on.
  Decision lead_on(const std::string& member) {
    const Result<Address> to = Address::parse(member);
    if (!to) return wait(to.error().text);
    if (!is_local_domain(settings_, to->domain())) return elsewhere(*to);
    domain_ = domain_here(to->domain());
    decision_.to = to->text();
    const std::optional<AliasTarget> target = target_of_local_part(to->local());
    return target ? named_by_alias(*target) : here(unquoted_local_part(to->local()));
  }

  Decision elsewhere(const Address& to) {
    Question question = question_;
    RouteQuery query;
    query.to = to.domain();
    question.to = question_of(query).to;
    Decision decision = route::decide(routes_, question);
    decision.alias = decision_.alias;
    decision.to = to.text();
    const bool ends_here =
        decision.kind == Decision::Kind::use && is_local(decision.transport->type);
    if (!ends_here) return decision;
    domain_ = question.to;
    const Transport& transport = *decision.transport;
    decision_ = std::move(decision);
    return deliver(transport, unquoted_local_part(to.local()));
  }

  // The end of all aliases: a name of this machine.
  Decision here(std::string_view name) {
    const FoundUser user = find(name);
    if (!user) return wait_for_users(user.error());
    if (!*user && equal_ignoring_case(name, "postmaster")) return here("root");
    const bool roots = *user && (*user)->uid == 0;
    const bool leads_on = roots && !settings_.root_to.empty() && !question_.expanded;
    if (leads_on && !std::exchange(at_root_to_, true)) {
      const Result<Address> to = Address::parse(settings_.root_to);
      if (to && !is_local_domain(settings_, to->domain())) return elsewhere(*to);
      if (to && !(unquoted_local_part(to->local()) == name && domain_here(to->domain()) == domain_))
        return root_is(*to);
    }
    const RouteRule* const rule = rule_for_domain();
    const std::string_view chosen = rule != nullptr ? std::string_view(rule->transport)
                                    : roots         ? kRootTransport
                                                    : kLocalTransport;
    decision_.rule = rule;
    const Transport* const transport = routes_.snapshot().transport(std::string(chosen));
    if (transport == nullptr) return wait("the snapshot is of an older waypost");
    return deliver(*transport, name);
  }

  // An address of this machine, which may be an alias as any other.
  Decision root_is(const Address& to) {
    Expansion expansion = expand_name(unquoted_local_part(to.local()));
    if (expansion.kind == Expansion::Kind::none) return lead_on(to.text());
    return follow(std::move(expansion));
  }

  // The domain in which an address of this machine is looked for; empty: it is another machine's.
  // All are as good but where a rule says which transport takes one of them.
  [[nodiscard]] std::string domain_here(std::string_view written) const {
    if (!is_local_domain(settings_, written)) return {};
    const Result<std::string> normal = normal_domain(written);
    return normal && (has_rule(*normal) || has_rule(domain_)) ? *normal : domain_;
  }

  [[nodiscard]] bool has_rule(const std::string& domain) const {
    Question question = question_;
    question.to = domain;
    return std::ranges::any_of(routes_.index().candidates(question), [&](std::uint32_t number) {
      return match_to(routes_.snapshot().routes[number], question) == Match::yes;
    });
  }

  // A rule for all mail says how mail leaves; this one shall stay.
  [[nodiscard]] const RouteRule* rule_for_domain() const {
    Question question = question_;
    question.to = domain_;
    for (const std::uint32_t number : routes_.index().candidates(question)) {
      const RouteRule& rule = routes_.snapshot().routes[number];
      if (!rule.to.empty() && matches(rule, question) && !passed_over(rule, question)) return &rule;
    }
    return nullptr;
  }

  Decision deliver(const Transport& transport, std::string_view name) {
    decision_.kind = Decision::Kind::use;
    decision_.transport = &transport;
    if (!is_local(transport.type)) return decision_;
    const bool mailbox =
        transport.type == TransportType::maildir || transport.type == TransportType::mbox;
    if (!transport.user.empty()) return deliver_for(transport, name, mailbox);
    const FoundUser user = find(name);
    if (!user) return wait_for_users(user.error());
    if (!*user) return nobody(name);
    if (!may_receive((*user)->uid)) return not_a_person(**user);
    decision_.mailbox = (*user)->name;
    return decision_;
  }

  // The transport's own user delivers, to a mailbox of that name or to a program that knows names.
  Decision deliver_for(const Transport& transport, std::string_view name, bool mailbox) {
    if (!mailbox) {
      decision_.mailbox = transport.name;
      return decision_;
    }
    std::string_view base = without_detail(name);
    if (base.empty()) base = name;
    const std::string box = ascii_lower(base);
    if (!mailbox_name(box)) return nobody(name);
    decision_.mailbox = box;
    return decision_;
  }

  using FoundUser = Result<std::optional<PasswdEntry>>;
  [[nodiscard]] FoundUser find(std::string_view name) const {
    std::string_view base = without_detail(name);
    if (base.empty()) base = name;
    FoundUser user = routes_.find_user()(base);
    return !user || *user ? user : routes_.find_user()(ascii_lower(base));
  }

  // Nobody is unknown because the users could not be read this time.
  Decision wait_for_users(const Error& error) {
    return wait("the users of this machine cannot be looked up now: " + error.text);
  }

  Decision nobody(std::string_view name) {
    return refuse(FailureClass::mailbox,
                  "5.1.1 there is no user and no alias " + quoted_name(name) +
                      " on this machine; " + settings_.hostname + " takes mail for " + domain_ +
                      " as its own: make the user, name an alias in " + routes_.aliases().path() +
                      ", or leave the domain out of local_domains");
  }

  Decision not_a_person(const PasswdEntry& user) {
    return refuse(FailureClass::mailbox, "5.1.1 " + quoted_name(user.name) +
                                             " is an account of the system without a mailbox; name "
                                             "an alias for it in " +
                                             routes_.aliases().path() + ", as in " + user.name +
                                             ": root");
  }

  static std::string quoted_name(std::string_view name) { return '"' + printable(name) + '"'; }

  Decision refuse(FailureClass klass, std::string reply) {
    decision_.kind = Decision::Kind::refuse;
    decision_.klass = klass;
    decision_.reason = std::move(reply);
    return decision_;
  }

  Decision wait(std::string reason) {
    decision_.kind = Decision::Kind::wait;
    decision_.reason = std::move(reason);
    return decision_;
  }

  const Routes& routes_;
  const Question& question_;
  const Settings& settings_;
  std::string domain_;
  std::string name_;
  bool at_root_to_ = false; // it was taken
  Decision decision_;
};

Decision ask_local() {
  Decision decision;
  decision.kind = Decision::Kind::ask_local;
  return decision;
}

} // namespace

bool is_local_domain(const Settings& settings, std::string_view domain) {
  if (domain.empty()) domain = settings.hostname;
  const Result<std::string> normal = normal_domain(domain);
  const auto& all = settings.local_domains;
  return normal && std::ranges::find(all, *normal) != all.end();
}

Decision decide_for_recipient(const Routes& routes, const Question& question) {
  const bool decided_already = !question.hand.empty() || question.refusal != FailureClass::none;
  const bool local = routes.loaded() && !decided_already &&
                     is_local_domain(routes.snapshot().settings, question.to);
  if (local) return question.local.empty() ? ask_local() : LocalDecision(routes, question).decide();
  Decision decision = decide(routes, question);
  const bool ends_here = decision.kind == Decision::Kind::use && is_local(decision.transport->type);
  if (!ends_here) return decision;
  if (question.local.empty()) return ask_local();
  const Transport& transport = *decision.transport;
  return LocalDecision(routes, question).by(transport, std::move(decision));
}

} // namespace waypost::route
