#include "spfcheck/own_address.h"

#include <algorithm>

#include "spfcheck/special_purpose.h"

namespace waypost::spfcheck {
namespace {

using Addresses = std::vector<net::IpAddress>;

bool family_allowed(const Transport& transport, bool v6) {
  // A proxy that looks names up decides itself.
  if (transport.type == TransportType::socks && transport.resolve_by_proxy) return true;
  return transport.family != (v6 ? FamilyPolicy::ipv4 : FamilyPolicy::ipv6);
}

std::string listed(const Addresses& addresses) {
  std::string all;
  for (const net::IpAddress& one : addresses)
    all += (all.empty() ? "" : ", ") + one.text();
  return all;
}

class Look {
public:
  Look(const Settings& settings, const Transport& transport,
       std::span<const net::IpAddress> interfaces)
      : settings_(settings),
        transport_(transport),
        interfaces_(interfaces) {}

  Visible run() {
    found_.mechanisms = transport_.spf;
    if (transport_.type == TransportType::socks) {
      proxy();
    } else if (transport_.type == TransportType::direct) {
      machine();
    } else if (transport_.spf.empty()) {
      unknown("cannot be checked: transport \"" + transport_.name +
              "\" has no spf, which says what its provider wants in the record; write spf = "
              "\"...\" as the provider's pages have it");
    }
    return std::move(found_);
  }

private:
  void unknown(std::string text) { found_.unknown.push_back(std::move(text)); }

  void add(const net::IpAddress& address) {
    if (std::ranges::find(found_.addresses, address) == found_.addresses.end())
      found_.addresses.push_back(address);
  }

  // Addresses that a person wrote; one that nobody in the world can have is a mistake.
  Addresses named(const std::string& key, const std::vector<std::string>& texts, bool v6) {
    Addresses all;
    for (const std::string& text : texts) {
      const auto address = net::IpAddress::parse(text);
      if (!address || address->v6() != v6) continue;
      const Special special = special_purpose(*address);
      if (special.what.empty() || special.documentation) {
        all.push_back(*address);
      } else {
        unknown(no_public_address(text, key, special));
      }
    }
    return all;
  }

  static std::string no_public_address(const std::string& text, const std::string& key,
                                       const Special& special) {
    return "cannot be checked: " + text + " in " + key + " is no public address (" +
           std::string(special.what) + ")";
  }

  void proxy() {
    for (const bool v6 : {false, true}) {
      if (!family_allowed(transport_, v6)) continue;
      for (const net::IpAddress& one : named("remote_ips", transport_.remote_ips, v6))
        add(one);
    }
    if (!found_.addresses.empty() || !found_.unknown.empty() || !transport_.spf.empty()) return;
    unknown("cannot be checked: transport \"" + transport_.name +
            "\" does not say where its proxy's connections come from; set remote_ips");
  }

  void machine() {
    for (const bool v6 : {false, true}) {
      if (family_allowed(transport_, v6)) family(v6);
    }
    if (found_.addresses.empty() && found_.unknown.empty() && transport_.spf.empty())
      unknown("cannot know the address that mail comes from: no interface has one; set public_ips");
  }

  // `source` goes before the system's choice; without one of a family that family is not used.
  void family(bool v6) {
    const Addresses given = named("public_ips", settings_.public_ips, v6);
    if (transport_.source.empty()) return chosen_by_system(given, v6);
    for (const std::string& text : transport_.source) {
      const auto source = net::IpAddress::parse(text);
      if (!source || source->v6() != v6) continue;
      if (is_public(*source)) {
        add(*source);
      } else {
        translated(given, {*source}, v6);
      }
      return;
    }
  }

  void chosen_by_system(const Addresses& given, bool v6) {
    Addresses others;
    bool any = false;
    for (const net::IpAddress& one : interfaces_) {
      if (one.v6() != v6 || one.local()) continue;
      if (!is_public(one)) {
        others.push_back(one);
      } else if (given.empty()) {
        add(one);
        any = true;
      }
    }
    if (!any) translated(given, others, v6);
  }

  // What the world sees in place of `inside`: said in the configuration, or not known.
  void translated(const Addresses& given, const Addresses& inside, bool v6) {
    for (const net::IpAddress& one : given)
      add(one);
    if (!given.empty() || inside.empty() || !transport_.spf.empty()) return;
    // Unique local addresses of IPv6 stand beside public ones, and are rarely translated.
    if (v6 && transport_.family != FamilyPolicy::ipv6 && transport_.source.empty()) return;
    unknown(std::string("cannot know the public ") + (v6 ? "IPv6" : "IPv4") +
            " address that mail comes from: this machine has only " + listed(inside) +
            "; set public_ips");
  }

  const Settings& settings_;
  const Transport& transport_;
  std::span<const net::IpAddress> interfaces_;
  Visible found_;
};

} // namespace

bool own_way(const Transport& transport) {
  return transport.type == TransportType::direct || transport.type == TransportType::socks;
}

Visible visible(const Settings& settings, const Transport& transport,
                std::span<const net::IpAddress> interfaces) {
  return Look(settings, transport, interfaces).run();
}

} // namespace waypost::spfcheck
