#include "route/alias_expansion.h"

#include <algorithm>
#include <set>

#include "lib/mail/address.h"
#include "lib/mail/route_query.h"
#include "lib/sys/text.h"

namespace waypost::route {
namespace {

constexpr std::size_t kDeepest = 50;                       // aliases of aliases, and lists in lists
constexpr const char* kRootTo = "root_to of waypost.toml"; // as a step of the way
// Of all lists that one alias includes: who may write a list might name in it lists without end.
constexpr std::size_t kMaxLists = std::size_t{64} << 20;

// Looked up as it is, then without its detail.
const Alias* find_alias(const AliasFile& file, std::string_view name) {
  const Alias* alias = file.find(name);
  if (alias == nullptr && !without_detail(name).empty()) alias = file.find(without_detail(name));
  return alias;
}

class Walk {
public:
  Walk(const AliasFile& file, std::string_view domain,
       const std::function<std::string(std::string_view)>& here, std::string_view root_to,
       Expansion& into)
      : file_(file),
        domain_(domain),
        here_(here),
        root_to_(root_to),
        into_(into) {}

  // False: it is a loop or broken, and `into` says so.
  bool alias(const Alias& alias) {
    if (std::ranges::find(path_, alias.name) != path_.end() || path_.size() >= kDeepest)
      return loop(alias.name);
    if (!alias.error.empty())
      return broken("line " + std::to_string(alias.line) + ": " + alias.error);
    if (!walked_.insert(alias.name).second) return true;
    path_.push_back(alias.name);
    const bool good = targets(alias.targets, true);
    path_.pop_back();
    return good;
  }

private:
  bool targets(const std::vector<AliasTarget>& all, bool of_alias_file) {
    return std::ranges::all_of(all, [&](const AliasTarget& one) {
      switch (one.kind) {
      case AliasTarget::Kind::address: return address(one.text);
      case AliasTarget::Kind::include: return include(one.text);
      case AliasTarget::Kind::command:
      case AliasTarget::Kind::file:
        if (of_alias_file) return add(local_part_of(one) + "@" + std::string(domain_));
        break;
      }
      return broken(printable(one.text) + ": an included list may name no command and no file");
    });
  }

  bool include(const std::string& path) {
    const std::string step = ":include:" + path;
    if (std::ranges::find(path_, step) != path_.end() || path_.size() >= kDeepest)
      return loop(step);
    // What a name in it means depends on the alias that includes it.
    if (!walked_.insert(step + ' ' + std::string(path_of_alias())).second) return true;
    const Result<std::vector<AliasTarget>> targets_there = AliasBook::included(path, lists_left_);
    if (!targets_there) return broken(targets_there.error().text);
    path_.push_back(step);
    const bool good = targets(*targets_there, false);
    path_.pop_back();
    return good;
  }

  bool address(const std::string& text) {
    const bool last = text.starts_with('\\');
    const Result<Address> parsed = Address::parse(last ? std::string_view(text).substr(1) : text);
    if (!parsed) return broken(parsed.error().text);
    const std::string domain =
        parsed->domain().empty() ? std::string(domain_) : here_(parsed->domain());
    if (domain.empty()) return add(parsed->text());
    const std::string name = unquoted_local_part(parsed->local());
    // An address of the form of a command is no command.
    if (name.starts_with('|') || name.starts_with('/'))
      return broken(printable(text) + ": a command or a file has no domain");
    const Alias* const next = last ? nullptr : find_alias(file_, name);
    if (next == nullptr && !last && leads_on(*parsed, name)) return lead_on(name);
    if (next == nullptr || next->name == path_of_alias())
      return add(std::string(parsed->local()) + "@" + domain);
    return alias(*next);
  }

  // What leads on without an alias, unless it just did. RFC 5321 4.5.1: there is always a
  // postmaster; another domain may have one of its own.
  [[nodiscard]] bool leads_on(const Address& address, const std::string& name) const {
    const bool to_root = !root_to_.empty() && std::ranges::find(path_, kRootTo) == path_.end();
    if (equal_ignoring_case(name, "postmaster"))
      return to_root || address.domain().empty() || file_.find("root") != nullptr;
    return to_root && equal_ignoring_case(name, "root");
  }

  bool lead_on(const std::string& name) {
    if (equal_ignoring_case(name, "postmaster")) return address("root");
    if (!walked_.insert(kRootTo).second) return true;
    path_.emplace_back(kRootTo);
    const bool good = address(std::string(root_to_));
    path_.pop_back();
    return good;
  }

  // The alias that names what is looked at, also by way of lists that it includes.
  [[nodiscard]] std::string_view path_of_alias() const {
    const auto from_list = [](const std::string& step) { return step.starts_with(':'); };
    const auto found = std::find_if_not(path_.rbegin(), path_.rend(), from_list);
    return found == path_.rend() ? std::string_view() : std::string_view(*found);
  }

  bool add(std::string member) {
    if (!seen_.insert(ascii_lower(member)).second) return true;
    bytes_ += member.size() + 16;
    if (bytes_ > kMaxAliasBytes) return broken("it stands for more addresses than fit: 3 MiB");
    into_.members.push_back(std::move(member));
    return true;
  }

  bool loop(const std::string& back_to) {
    std::string way;
    for (const std::string& step : path_)
      way += printable(step) + " -> ";
    return give_up(Expansion::Kind::loop, way + printable(back_to));
  }

  bool broken(std::string reason) { return give_up(Expansion::Kind::broken, std::move(reason)); }

  bool give_up(Expansion::Kind kind, std::string reason) {
    into_.kind = kind;
    into_.reason = std::move(reason);
    into_.members.clear();
    return false;
  }

  const AliasFile& file_;
  std::string_view domain_;
  const std::function<std::string(std::string_view)>& here_;
  std::string_view root_to_; // empty: there is none
  Expansion& into_;
  std::vector<std::string> path_; // of names and included lists
  // Names and lists whose members are there, or are about to be: two ways to each of many would be
  // more ways than there is time for.
  std::set<std::string> walked_;
  std::size_t lists_left_ = kMaxLists;
  std::set<std::string> seen_;
  std::size_t bytes_ = 0;
};

// Who hears of a list's failures, as sendmail(8) has always had it: the alias owner-NAME. As an
// envelope wants it: quoted where a local part must be.
std::string owner_of(const AliasFile& file, const Alias& alias, std::string_view domain) {
  const std::string name = "owner-" + alias.name;
  if (file.find(name) == nullptr) return {};
  const std::string at = "@" + std::string(domain);
  for (const std::string& local : {name, local_part_of({AliasTarget::Kind::address, name})})
    if (Address::parse(local + at)) return local + at;
  return {};
}

} // namespace

std::string_view without_detail(std::string_view name) {
  const std::size_t plus = name.find('+');
  return plus == std::string_view::npos ? std::string_view() : name.substr(0, plus);
}

Expansion expand(AliasBook& book, std::string_view name, std::string_view domain,
                 const std::function<std::string(std::string_view)>& here,
                 std::string_view root_to) {
  Expansion result;
  const Result<const AliasFile*> file = book.current();
  if (!file) {
    result.kind = Expansion::Kind::broken;
    result.reason = file.error().text;
    return result;
  }
  const Alias* const alias = find_alias(**file, name);
  if (alias == nullptr) return result;
  result.where = book.place(*alias);
  if (!Walk(**file, domain, here, root_to, result).alias(*alias)) return result;
  result.kind = result.members.empty() ? Expansion::Kind::broken : Expansion::Kind::members;
  if (result.members.empty()) result.reason = "it stands for nobody";
  result.owner = owner_of(**file, *alias, domain);
  return result;
}

} // namespace waypost::route
