// Which commands a dialogue sends: MAIL and RCPT with the parameters that the server offers.

#include <algorithm>

#include "deliver/dialogue.h"
#include "deliver/wire_address.h"
#include "lib/mail/xtext.h"

namespace waypost::deliver {
namespace {

// RFC 3461 4: what is no xtext would break the command.
bool fit_for_parameter(std::string_view text) {
  return !text.empty() && decode_xtext(text).has_value();
}

} // namespace

std::optional<std::string> Dialogue::wire_form(const Address& address) const {
  return wire_address(address, peer_.offered.smtputf8);
}

// What this server can never take is not offered to it.
void Dialogue::refuse_unsuitable() {
  const std::uint64_t limit = peer_.offered.size_limit; // RFC 1870 4: 0 means none
  const bool large = limit != 0 && body_.size() > limit;
  const bool sender_fits = wire_form(job_.sender.sender).has_value();
  for (std::size_t i = 0; i < recipients_.size(); ++i) {
    if (large) verdicts_[i] = too_large(body_.size(), limit);
    const bool fits = sender_fits && wire_form(job_.recipients[recipients_[i]].recipient.address);
    if (!fits) verdicts_[i] = no_smtputf8();
  }
}

void Dialogue::list_commands() {
  const bool all_refused =
      std::ranges::all_of(verdicts_, [](const auto& verdict) { return verdict.has_value(); });
  if (all_refused) return;
  if (peer_.open_transaction) commands_.push_back({Stage::connect, 0, "RSET\r\n"});
  commands_.push_back({Stage::mail, 0, mail_line()});
  for (std::size_t i = 0; i < recipients_.size(); ++i) {
    if (verdicts_[i]) continue;
    commands_.push_back({Stage::rcpt, i, rcpt_line(job_.recipients[recipients_[i]].recipient)});
  }
  commands_.push_back({Stage::data, 0, "DATA\r\n"});
}

std::string Dialogue::mail_line() const {
  const EnvelopeSender& from = job_.sender;
  const std::string address =
      from.sender.null() ? transport_.null_sender : wire_form(from.sender).value_or("");
  std::string line = "MAIL FROM:<" + address + '>';
  const Capabilities& offered = peer_.offered;
  if (offered.size) line += " SIZE=" + std::to_string(body_.size());
  if (offered.eight_bit_mime) {
    const bool eight = from.body == BodyType::eight_bit_mime || job_.eight_bit;
    if (eight) line += " BODY=8BITMIME";
    if (!eight && from.body == BodyType::seven_bit) line += " BODY=7BIT";
  }
  // RFC 6531 3.4: for the addresses' sake, or since it was asked for; a header that happens to hold
  // UTF-8 asks for nothing. Where the server lacks it, only an address can demand it.
  const bool addresses =
      !from.sender.ascii() || std::ranges::any_of(recipients_, [&](std::size_t i) {
        return !job_.recipients[i].recipient.address.ascii();
      });
  const bool utf8 = addresses || from.utf8;
  if (utf8 && offered.smtputf8) line += " SMTPUTF8";
  if (offered.dsn && from.ret != DsnReturn::unset) {
    line += from.ret == DsnReturn::full ? " RET=FULL" : " RET=HDRS";
  }
  if (offered.dsn && fit_for_parameter(from.envid)) line += " ENVID=" + from.envid;
  return line + "\r\n";
}

std::string Dialogue::rcpt_line(const EnvelopeRecipient& recipient) const {
  std::string line = "RCPT TO:<" + wire_form(recipient.address).value_or("") + '>';
  if (peer_.offered.dsn) {
    const std::string notify = recipient.notify.text();
    if (!notify.empty()) line += " NOTIFY=" + notify;
    if (fit_for_parameter(recipient.orcpt)) line += " ORCPT=" + recipient.orcpt;
  }
  return line + "\r\n";
}

} // namespace waypost::deliver
