// What `waypost top --json` prints.
#include "lib/mail/date.h"
#include "lib/sys/json.h"
#include "lib/sys/text.h"
#include "queue/commands/metric_samples.h"
#include "queue/commands/top_picture.h"

namespace waypost::queue {
namespace {

std::string classes_json(const TopRow& row) {
  JsonArray all;
  for (const TopRow::Class& one : row.classes) {
    JsonObject object;
    all.add(object.text("class", one.name).number("count", one.count).str());
  }
  return all.str();
}

std::string transport_json(const TopRow& row) {
  JsonObject object;
  object.some_text("transport", row.transport).number("messages", row.messages);
  object.number("jobs_waiting", row.waiting).number("jobs_under_way", row.under_way);
  object.raw("delivered_per_minute", seconds_text(row.delivered_rate));
  object.raw("deferred_per_minute", seconds_text(row.deferred_rate));
  object.raw("failed_per_minute", seconds_text(row.failed_rate));
  return object.raw("failures", classes_json(row)).str();
}

std::string destination_json(const TopRow& row) {
  JsonObject object;
  object.text("destination", row.destination).text("transport", row.transport);
  object.number("jobs_waiting", row.waiting).number("jobs_under_way", row.under_way);
  object.raw("outcomes_per_minute", seconds_text(row.delivered_rate));
  object.number("delivered", row.delivered).number("deferred", row.deferred);
  object.number("failed", row.failed);
  object.some_text("oldest", row.oldest ? rfc3339_date(*row.oldest) : "");
  object.raw("failures", classes_json(row));
  return object.some_text("reply", row.reply).str();
}

std::string held_json(const SenderState& senders) {
  JsonArray all;
  for (const HeldTransport& one : senders.held) {
    JsonObject object;
    object.text("transport", one.transport).text("class", name(one.klass));
    all.add(object.some_text("reply", one.reply).str());
  }
  return all.str();
}

} // namespace

std::string TopPicture::json() const {
  JsonObject queue;
  for (const char* key : {"fresh", "active", "deferred", "held", "parked"})
    queue.number(key, queue_.number(key).value_or(0));
  const auto oldest = parse_number(queue_.get("oldest"), INT64_MAX);
  queue.some_text("oldest", oldest ? rfc3339_date(static_cast<WallUs>(*oldest)) : "");
  JsonObject senders;
  senders.number("living", senders_.living).number("idle", senders_.idle);
  senders.number("failing_destinations", senders_.failing).raw("held", held_json(senders_));
  JsonArray transports;
  for (const TopRow& row : transports_)
    transports.add(transport_json(row));
  JsonArray destinations;
  for (const TopRow& row : destinations_)
    destinations.add(destination_json(row));
  JsonObject all;
  all.raw("queue", queue.str()).raw("senders", senders.str());
  return all.raw("transports", transports.str()).raw("destinations", destinations.str()).str();
}

} // namespace waypost::queue
