// `waypost list --transports`.
#include "queue/commands/transport_table.h"

#include <criterion/criterion.h>

#include "lib/sys/text.h"
#include "tests/unit/queue-commands/answers.h"

using namespace waypost;
using namespace waypost::queue;
using namespace waypost::queue::testing;

namespace {

Record transport(std::string_view name, std::string_view kind, std::string_view target) {
  Record record;
  record.add("type", "transport").add("transport", name).add("kind", kind);
  return record.add_some("target", target);
}

// One that is ready, one that is held for a minute and one whose next message finds out.
TransportTable table() {
  TransportTable made;
  const WallUs hour = 3'600'000'000;
  SenderState senders;
  senders.held = {{"ses", FailureClass::auth, "5.7.8 no\nsuch \x1b[2Jlogin", kArrived - hour,
                   kArrived + 60'000'000, "look at the credential"},
                  {"out", FailureClass::unreachable, "refused", kArrived - hour, kArrived - 1, ""}};
  Record ses = transport("ses", "submission", "smtp.test:587").add("credential", "aws");
  ses.add_number("messages", 4).add_number("waiting", 3).add_number("under_way", 1);
  for (const Record& one : {transport("direct", "direct", ""), ses,
                            transport("out", "socks", "10.0.0.1:1080"), to_record(senders)})
    cr_assert(made.take(one).has_value());
  return made;
}

} // namespace

Test(transport_table, shows_each_with_its_state_and_who_must_act) {
  const std::vector<std::string> lines = table().lines(true, kArrived);
  cr_assert_eq(lines.size(), 5U);
  cr_expect(has(lines[1], "direct") && has(lines[1], "ready"));
  for (const char* part : {"smtp.test:587", "held", "60m", "in 60s", "auth: 5.7.8 no / such \\x1b"})
    cr_expect(has(lines[2], part), "%s: %s", part, lines[2].c_str());
  cr_expect(has(lines[3], "probing") && has(lines[3], "with the next message"));
  cr_expect_eq(lines[4], "ses: look at the credential");
  for (const std::string& line : lines)
    cr_expect_eq(printable(line), line);
}

Test(transport_table, tells_all_of_it_as_json) {
  const std::vector<std::string> rows = table().json(true, kArrived);
  cr_assert_eq(rows.size(), 3U);
  cr_expect_eq(rows[0], R"({"transport":"direct","type":"direct","target":null,"credential":null,)"
                        R"("state":"ready","class":null,"reply":null,"since":null,)"
                        R"("next_probe":null,"act":null,"messages":null,"jobs_waiting":null,)"
                        R"("jobs_under_way":null})");
  for (const char* part :
       {R"("state":"held")", R"("class":"auth")", R"("since":"2023-11-14T21:13:20Z")",
        R"("next_probe":"2023-11-14T22:14:20Z")", R"("act":"look at the credential")",
        R"("credential":"aws")", R"("messages":4,"jobs_waiting":3,"jobs_under_way":1)"})
    cr_expect(has(rows[1], part), "%s: %s", part, rows[1].c_str());
  cr_expect(has(rows[2], R"("state":"probing")") && has(rows[2], R"("next_probe":null)"));
}

Test(transport_table, without_a_manager_no_state_is_known) {
  for (const std::string& row : table().json(false, kArrived))
    cr_expect(has(row, R"("state":"unknown")"), "%s", row.c_str());
}
