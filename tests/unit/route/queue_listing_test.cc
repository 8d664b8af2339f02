// A saved `waypost list --json`, read back.
#include "route/queue_listing.h"

#include <array>
#include <criterion/criterion.h>
#include <unistd.h>

#include "lib/sys/fd.h"
#include "lib/sys/text.h"

namespace waypost::route {
namespace {

constexpr const char* kLine =
    R"({"id":"0123456789abcdef","arrived":"2023-11-14T22:13:20Z","size":1234,)"
    R"("sender":"alice@example.org","account":"alice","held":true,"hand":"relay","notice":"owed",)"
    R"("recipients":[{"address":"a@one.example","state":"delivered","attempts":1,)"
    R"("next_attempt":null,"transport":"direct","class":null,"reply":"ok","classes":[],)"
    R"("refused":[]},{"address":"b@two.example","state":"pending","attempts":3,)"
    R"("next_attempt":"2023-11-14T22:23:20Z","transport":"direct","class":"blocked",)"
    R"("reply":"no\nway","classes":["blocked","tls"],"refused":["direct"],"new key":{"x":[1.5e3]}}]})";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  cr_assert(at != std::string::npos, "%s", from.c_str());
  return text.replace(at, from.size(), to);
}

// What read_listing() makes of the bytes: ids, or the error.
std::string read_all(std::string_view bytes) {
  int ends[2];
  cr_assert(::pipe(ends) == 0);
  const Fd in(ends[0]);
  cr_assert(::write(ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  ::close(ends[1]);
  std::string ids;
  const auto read =
      read_listing(in.get(), [&](const WaitingMessage& one) { ids += one.id.substr(0, 2) + " "; });
  return read ? ids : read.error().text;
}

} // namespace

Test(queue_listing, keeps_what_a_route_query_needs) {
  const auto message = read_listed(kLine);
  cr_assert(message.has_value(), "%s", message.error().text.c_str());
  cr_expect(message->id == "0123456789abcdef" && message->held && message->account == "alice");
  cr_assert(message->recipients.size() == 1, "the delivered one waits for nothing");
  const RouteQuery query = next_query(*message, message->recipients[0]);
  cr_expect(query.from == "example.org" && query.to == "two.example" && query.attempt == 4);
  cr_expect(query.classes == FailureClasses({FailureClass::blocked, FailureClass::tls}));
  cr_expect(query.refused == std::vector<std::string>{"direct"} && query.hand == "relay");
  cr_expect(query.account == "alice" && query.refusal == FailureClass::none);
}

Test(queue_listing, takes_a_null_sender_and_no_hand) {
  const auto message = read_listed(
      replaced(replaced(kLine, "alice@example.org", ""), "\"hand\":\"relay\"", "\"hand\":null"));
  cr_assert(message.has_value());
  cr_expect(message->sender.null() && message->hand.empty());
}

Test(queue_listing, says_what_a_line_lacks_or_has_wrong) {
  struct Row {
    const char* from;
    const char* to;
    const char* says;
  };
  for (const auto& [from, to, says] : std::to_array<Row>({
           {"\"id\"", "\"ID\"", "a message without \"id\""},
           {"\"hand\"", "\"han\"", "a message without \"hand\""},
           {"\"recipients\"", "\"rcpt\"", "a message without \"recipients\""},
           {"\"classes\":[]", "\"classe\":[]", "a recipient without \"classes\""},
           {"\"refused\":[\"direct\"]", "\"refuse\":[]", "a recipient without \"refused\""},
           {"0123456789abcdef", "../../etc/passwd", "is no message's id"},
           {"alice@example.org", "a b@c", "is no mail address"},
           {"b@two.example", "b\\r\\n@two.example", "is no mail address"},
           {"b@two.example", "", "a recipient without an address"},
           {"pending", "waiting", "state: \"waiting\" is not pending, delivered or failed"},
           {"\"attempts\":3", "\"attempts\":-3", "a whole number is wanted"},
           {"\"attempts\":3", "\"attempts\":3.0", "a whole number is wanted"},
           {"\"attempts\":3", "\"attempts\":\"3\"", "a whole number is wanted"},
           {"\"attempts\":3", "\"attempts\":4294967295", "is too large"},
           {"\"tls\"]", "\"tlc\"]", "classes: \"tlc\" is no class of failure"},
           {"\"tls\"]", "\"\"]", "is no class of failure"},
           {"\"held\":true", "\"held\":1", "true or false is wanted"},
           {"\"recipients\":[", "\"recipients\":{", "an array is wanted"},
           {"\"size\":1234", "\"size\":1234,\"id\":\"x\"", "every key only once"},
           {"}]}", "}]}x", "the end is wanted"},
           {"}]}", "}]", "a comma or } is wanted"},
       })) {
    const auto message = read_listed(replaced(kLine, from, to));
    cr_assert(!message.has_value(), "%s -> %s", from, to);
    const std::string& text = message.error().text;
    cr_expect(text.find(says) != std::string::npos, "wanted %s, got %s", says, text.c_str());
    cr_expect(printable(text) == text);
  }
  for (const char* line : {"", "x", "[]", "null", "\xff", "{\"id\":\"\xff\"}"})
    cr_expect(!read_listed(line).has_value(), "%s", line);
}

Test(queue_listing, reads_lines_wherever_they_are_cut) {
  const std::string line = kLine;
  const std::string other = replaced(kLine, "0123456789abcdef", "vvvvvvvvvvvvvvvv");
  cr_expect(read_all(line + "\n" + other + "\n") == "01 vv ");
  cr_expect(read_all(line + "\r\n\n" + other) == "01 vv ", "the last line may lack its end");
  cr_expect(read_all("") == "");
  const std::string bad = read_all(line + "\n\nnonsense\n" + other);
  cr_expect(bad.starts_with("line 3: no JSON at byte 1"), "%s", bad.c_str());
}

} // namespace waypost::route
