// EHLO replies and refusals of every kind: what they mean is always decided, and within bounds.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "deliver/ehlo.h"
#include "deliver/policy.h"
#include "deliver/reply_words.h"

using namespace waypost;
using namespace waypost::deliver;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Reply reply;
  reply.code = 200 + (data[0] * 256 + data[1]) % 400;
  reply.text.assign(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (const auto status = EnhancedCode::parse(reply.text)) reply.status = *status;
  const Capabilities offered = capabilities_of(reply);
  if (offered.size_limit != 0 && !offered.size) std::abort();
  for (const std::uint32_t limit : {offered.mail_max, offered.rcpt_max, offered.rcpt_domain_max}) {
    if (limit > 999'999) std::abort();
  }
  for (const Stage stage : {Stage::mail, Stage::rcpt, Stage::data, Stage::final_dot}) {
    const Outcome outcome = reply_outcome(stage, reply);
    if (reply.permanent() != (outcome.disposition == Disposition::failed)) std::abort();
    if (reply.positive() != (outcome.disposition == Disposition::delivered)) std::abort();
    if (reply.positive() != (outcome.klass == FailureClass::none)) std::abort();
    const Outcome refusal = host_refusal(stage, reply);
    if (refusal.disposition != Disposition::deferred) std::abort();
    if (!EnhancedCode::parse(refusal.status.text())) std::abort();
  }
  if (says_too_many_recipients(reply) && reply.code != 452 && reply.code != 552) std::abort();
  return 0;
}
