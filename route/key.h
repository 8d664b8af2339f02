// Key: one line of the table that says what may stand in waypost.toml.
//
// The table is the only place that knows a key: parsing, the errors' words, which transports may
// have it, and `waypost-config keys` all follow from it. waypost.toml(5) is checked against it by a
// test.
#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/mail/snapshot.h"
#include "route/form.h"

namespace waypost::route {

// A set of transport types.
class Types {
public:
  constexpr Types(std::initializer_list<TransportType> types) {
    for (const TransportType one : types)
      bits_ |= bit(one);
  }
  [[nodiscard]] constexpr bool has(TransportType type) const { return (bits_ & bit(type)) != 0; }
  friend constexpr Types operator|(Types one, Types other) {
    one.bits_ |= other.bits_;
    return one;
  }

private:
  static constexpr unsigned bit(TransportType type) { return 1U << static_cast<unsigned>(type); }
  unsigned bits_ = 0;
};

// Of those that send over the network, and of `fail`.
inline constexpr Types kAllTypes{TransportType::direct,     TransportType::smtp,
                                 TransportType::submission, TransportType::submissions,
                                 TransportType::socks,      TransportType::fail};

template <class Target>
struct Key {
  std::string_view name;
  std::string takes;    // in words
  std::string fallback; // the default, as it would stand in the file; "" when there is none
  Types types;          // transports only
  // Stores the value, or complains of each part that is wrong.
  std::function<void(const Node&, Target&, Complaints&)> take;
  // What holds, as a value that take() would take; none: it is not set.
  std::function<std::optional<Node>(const Target&)> value;
};

[[nodiscard]] const std::vector<Key<Settings>>& settings_keys();
[[nodiscard]] const std::vector<Key<Transport>>& transport_keys();
[[nodiscard]] const std::vector<Key<SenderDomain>>& domain_keys();   // of [domain."example.org"]
[[nodiscard]] const std::vector<Key<SenderAccount>>& account_keys(); // of [account.alice]
[[nodiscard]] const std::vector<Key<RouteRule>>& rule_keys();

template <class Target>
[[nodiscard]] const Key<Target>* find_key(const std::vector<Key<Target>>& keys,
                                          std::string_view name) {
  const auto found = std::ranges::find(keys, name, &Key<Target>::name);
  return found == keys.end() ? nullptr : &*found;
}

template <class Target>
[[nodiscard]] std::vector<std::string_view> names_of(const std::vector<Key<Target>>& keys) {
  std::vector<std::string_view> names;
  names.reserve(keys.size());
  for (const Key<Target>& key : keys)
    names.push_back(key.name);
  return names;
}

// ---- Making keys ------------------------------------------------------------------------------

// "port: 0 is too small; write a number from 1 to 65535, as in port = 587"
template <class T>
void complain(Complaints& complaints, std::string_view name, const Node& node,
              const std::string& why, const Form<T>& form, const std::string& example) {
  const std::string start(name);
  complaints.add(node.line, and_write(start + ": " + node.shown() + " " + why,
                                      form.takes + ", as in " + start + " = " + example));
}

// A key with one value, stored where `field` (a member, or a function to one) leads.
template <class Target, class T, class Field>
[[nodiscard]] Key<Target> single(std::string_view name, const Form<T>& form, Field field,
                                 std::string fallback, Types types = kAllTypes) {
  return {
      name,
      form.takes,
      std::move(fallback),
      types,
      [=](const Node& node, Target& target, Complaints& complaints) {
        const Parsed<T> value = form.parse(node);
        if (!value) return complain(complaints, name, node, value.error(), form, form.example);
        auto& place = std::invoke(field, target);
        place = static_cast<std::remove_reference_t<decltype(place)>>(*value);
      },
      [=](const Target& target) { return form.write(static_cast<T>(std::invoke(field, target))); }};
}

struct ListMay {
  bool repeat = false;
  bool be_empty = false;
};

// Where the values of a list are kept in a Target.
template <class Target, class T>
struct ListPlace {
  std::function<void(Target&)> clear;
  std::function<void(Target&, const T&)> add;
  std::function<std::vector<T>(const Target&)> all;
};

// The place of a list that is a member.
template <class Target, class T>
[[nodiscard]] ListPlace<Target, T> in_member(std::vector<T> Target::* field) {
  return {[=](Target& target) { (target.*field).clear(); },
          [=](Target& target, const T& one) { (target.*field).push_back(one); },
          [=](const Target& target) { return target.*field; }};
}

// A key with a list; one value may stand without brackets.
template <class Target, class T>
[[nodiscard]] Key<Target> list(std::string_view name, const Form<T>& form, std::string fallback,
                               ListMay may, const ListPlace<Target, T>& place,
                               Types types = kAllTypes) {
  const std::string takes = "a list, each " + form.takes;
  return {name,
          takes,
          std::move(fallback),
          types,
          [=](const Node& node, Target& target, Complaints& complaints) {
            const std::string example = "[" + form.example + "]";
            place.clear(target);
            std::vector<T> seen;
            const bool many = node.kind == Node::Kind::list;
            if (many && node.items.empty() && !may.be_empty) {
              complain(complaints, name, node, "without anything in it", form, example);
            }
            for (const Node& item : many ? std::span(node.items) : std::span(&node, 1)) {
              const Parsed<T> value = form.parse(item);
              if (!value) {
                complain(complaints, name, item, value.error(), form, example);
              } else if (!may.repeat && std::ranges::find(seen, *value) != seen.end()) {
                complaints.add(item.line, std::string(name) + ": " + item.shown() +
                                              " stands there twice; write it once");
              } else {
                seen.push_back(*value);
                place.add(target, *value);
              }
            }
          },
          [=](const Target& target) -> std::optional<Node> {
            std::vector<Node> items;
            for (const T& one : place.all(target)) {
              if (auto item = form.write(one)) items.push_back(std::move(*item));
            }
            if (items.empty() && !may.be_empty) return std::nullopt;
            return list_node(std::move(items));
          }};
}

} // namespace waypost::route
