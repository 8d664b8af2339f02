#include "route/init_text.h"

#include "lib/mail/snapshot.h"
#include "lib/sys/json.h"
#include "route/document.h"

namespace waypost::route {
namespace {

constexpr const char* kHead =
    "# waypost.toml: how this machine's mail leaves it. waypost.toml(5) holds every key with its "
    "type and default.\n"
    "#\n"
    "#   waypost config check     names every mistake with its line, and what would be right\n"
    "#   waypost config show      says what holds, and where each value comes from\n"
    "#   waypost reload           checks, compiles and uses this file; a mistake changes nothing\n"
    "#   waypost route FROM TO    says which way a message would take, and why\n"
    "\n"
    "# The name that this machine says of itself in EHLO, Message-ID and notices. It should "
    "resolve to its address, and\n"
    "# the address back to it: many servers refuse mail otherwise. Default: /etc/mailname, else "
    "the system's name.\n";

constexpr const char* kDirect =
    "# ---- Mail goes straight to the recipients' mail servers: so it does where no rule says "
    "otherwise. ----\n"
    "\n"
    "# Another machine for what could not be delivered in three attempts:\n"
    "#[transport.relay]\n"
    "#type = \"smtp\"\n"
    "#host = \"smtp.isp.example\"\n"
    "\n"
    "#[[route]]\n"
    "#attempt = 4\n"
    "#transport = \"relay\"\n";

constexpr const char* kNotices =
    "# For services that refuse notices because their sender is empty:\n"
    "#null_sender = \"bounces@example.org\"\n";

class Text {
public:
  void raw(std::string_view text) { out_ += text; }
  void comment(const std::string& text) { out_ += "# " + text + "\n"; }
  void key(std::string_view name, const Node& value) {
    out_ += std::string(name) + " = " + written(value) + "\n";
  }
  void text(std::string_view name, const std::string& value) {
    if (!value.empty()) key(name, text_node(value));
  }
  // As a comment where no value was given: the place for it, and what holds.
  void text_or_comment(std::string_view name, const std::string& value,
                       const std::string& otherwise) {
    if (value.empty()) out_ += "#";
    key(name, text_node(value.empty() ? otherwise : value));
  }
  void port(const std::string& port, std::string_view standard) {
    if (!port.empty() && port != standard) out_ += "port = " + port + "\n";
  }
  void transport(const std::string& name, std::string_view type) {
    out_ += "[transport." + name + "]\n";
    text("type", std::string(type));
  }
  // All mail by this transport.
  void route(const std::string& transport) {
    out_ += "\n# Everything goes that way. Rules above this one go before it.\n[[route]]\n";
    text("transport", transport);
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

private:
  std::string out_;
};

void smarthost(Text& out, const Answers& answers) {
  out.comment("---- Everything goes to one machine, which sends it on. ----");
  out.raw("\n");
  out.transport("smarthost", "smtp");
  out.text("host", answers.host);
  out.port(answers.port, "25");
  out.comment("The connection is encrypted when the machine offers it. \"verified\": always, and");
  out.comment("with a certificate that is valid for the host; otherwise mail waits.");
  out.raw("#tls = \"verified\"\n");
  out.route("smarthost");
}

void service(Text& out, const Answers& answers) {
  const bool implicit = answers.port == "465";
  const std::string credential = answers.credential.empty() ? "service" : answers.credential;
  out.comment("---- Everything goes to a sending service, with a login. ----");
  out.raw("\n");
  out.comment(implicit ? "TLS from the first byte, with a certificate that is valid for the host."
                       : "STARTTLS is demanded, with a certificate that is valid for the host.");
  out.transport("service", implicit ? "submissions" : "submission");
  out.text("host", answers.host);
  out.port(answers.port, implicit ? "465" : "587");
  out.text("user", answers.user);
  out.comment("The password's name in the sealed store; the password never stands in this file.");
  out.text("credential", credential);
  out.raw(kNotices);
  out.route("service");
}

void socks(Text& out, const Answers& answers) {
  out.comment(
      "---- Mail goes straight to the recipients' servers, out of a SOCKS5 proxy's address. ----");
  out.raw("\n");
  out.transport("proxy", "socks");
  out.text("proxy", answers.proxy);
  out.comment("The name that belongs to the proxy's address; it should resolve to it and back.");
  out.text_or_comment("helo", answers.helo, "out2.example.org");
  out.comment("Where the proxy's connections come from.");
  std::vector<Node> addresses;
  for (const std::string& one : answers.remote_ips)
    addresses.push_back(text_node(one));
  if (addresses.empty()) {
    out.raw("#remote_ips = [\"203.0.113.9\"]\n");
  } else {
    out.key("remote_ips", list_node(std::move(addresses)));
  }
  out.route("proxy");
}

} // namespace

std::string init_text(const Answers& answers) {
  Text out;
  out.raw(kHead);
  const std::string hostname = answers.hostname.empty() ? system_hostname() : answers.hostname;
  out.text_or_comment("hostname", answers.hostname, hostname);
  out.raw("\n");
  out.comment("Who reads what nobody else can be told: notices that could not be delivered.");
  out.text_or_comment("postmaster", answers.postmaster, "postmaster@" + hostname);
  out.raw("\n");
  switch (answers.way) {
  case Way::direct: out.raw(kDirect); break;
  case Way::smarthost: smarthost(out, answers); break;
  case Way::service: service(out, answers); break;
  case Way::socks: socks(out, answers); break;
  }
  return out.take();
}

} // namespace waypost::route
