#include "lib/mail/overlay_request.h"

#include "lib/mail/address.h"
#include "lib/mail/message_id.h"

namespace waypost {
namespace {

constexpr std::size_t kMaxReason = 1'000;

} // namespace

Record to_record(const OverlayRequest& request) {
  Record record;
  record.add("type", "overlay").add_number("number", request.number);
  record.add_number("generation", request.generation).add("id", request.id);
  record.add_some("account", request.account).add_some("sender", request.sender);
  return std::move(record.add_number("length", request.length));
}

Result<OverlayRequest> overlay_request(const Record& record) {
  const auto number = record.number("number");
  const auto generation = record.number("generation");
  const auto length = record.number("length");
  if (record.get("type") != "overlay" || !number || !generation || !length)
    return fail("overlay request: bad type, number, generation or length");
  const auto id = MessageId::parse(record.get("id"));
  if (!id) return fail("overlay request: bad id");
  const Result<Address> sender = Address::parse(record.get("sender"));
  if (!sender) return fail("overlay request: " + sender.error().text);
  return OverlayRequest{*number,        *generation, id->text(), std::string(record.get("account")),
                        sender->text(), *length};
}

Record to_record(const OverlayAnswer& answer) {
  Record record;
  record.add("type", "overlay").add_number("number", answer.number);
  if (!answer.again.empty())
    return std::move(record.add("again", std::string_view(answer.again).substr(0, kMaxReason)));
  record.add_some("sender", answer.sender).add_number("skip", answer.skip);
  record.add_number("headers", answer.headers.size());
  record.add_some("unsigned", std::string_view(answer.why_unsigned).substr(0, kMaxReason));
  record.add_some("unsent", std::string_view(answer.why_unsent).substr(0, kMaxReason));
  return record;
}

Result<OverlayAnswer> overlay_answer(const Record& record, std::string_view bytes) {
  OverlayAnswer answer;
  const auto number = record.number("number");
  if (record.get("type") != "overlay" || !number) return fail("overlay: bad type or number");
  answer.number = *number;
  answer.again = record.get("again");
  if (!answer.again.empty()) return answer;
  const auto headers = record.number("headers");
  const Result<Address> sender = Address::parse(record.get("sender"));
  if (!sender) return fail("overlay: " + sender.error().text);
  if (!headers || *headers > bytes.size() || bytes.size() > kMaxOverlay)
    return fail("overlay: its parts are not as long as announced");
  answer.sender = sender->text();
  answer.skip = record.number("skip").value_or(0);
  answer.headers = bytes.substr(0, *headers);
  answer.signature = bytes.substr(*headers);
  answer.why_unsigned = record.get("unsigned");
  answer.why_unsent = record.get("unsent");
  return answer;
}

} // namespace waypost
