#include <algorithm>
#include <criterion/criterion.h>

#include "lib/mail/handover.h"
#include "lib/sys/netstring.h"

using namespace waypost;

namespace {

struct Heard {
  std::string message;
  std::string envelope;
  std::string error; // empty: none
};

// The reader, given the bytes in steps of so many.
Heard read(std::string_view bytes, std::size_t step) {
  HandoverReader reader;
  Heard heard;
  for (;;) {
    const auto piece = reader.next();
    if (!piece) {
      heard.error = piece.error().text;
      return heard;
    }
    if (*piece) {
      (*piece)->part == HandoverPart::message ? heard.message += (*piece)->bytes
                                              : heard.envelope += (*piece)->bytes;
      continue;
    }
    if (bytes.empty()) return heard;
    const std::span<char> room = reader.room();
    const std::size_t some = std::min({bytes.size(), room.size(), step});
    std::ranges::copy(bytes.substr(0, some), room.begin());
    reader.received(some);
    bytes.remove_prefix(some);
  }
}

} // namespace

Test(handover, a_message_comes_as_it_went_however_it_is_divided) {
  const std::string large(100'000, 'x');
  for (const std::string_view message : {std::string_view("a\n"), std::string_view(large)}) {
    std::string bytes;
    append_handover(bytes, HandoverPart::message, message);
    append_handover(bytes, HandoverPart::envelope, "Fa@b");
    append_handover(bytes, HandoverPart::envelope, "Tc@d");
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20}) {
      const Heard heard = read(bytes, step);
      cr_expect(heard.error.empty() && heard.message == message && heard.envelope == "Fa@bTc@d",
                "by %zu: %s", step, heard.error.c_str());
    }
  }
}

Test(handover, what_is_out_of_place_or_too_long_is_an_error) {
  const std::string rows[] = {"1:M,",    "0:,",   "2:Mx",   "2:Xa,",
                              "99999:M", "x",     "02:Mx,", "3:Eab,3:Mab,",
                              "32769:M", "-1:M,", "2:Mx;",  "2:Mx,2:Ey,2:Gz,"};
  for (const std::string& row : rows) {
    const Heard heard = read(row, 1);
    const bool incomplete = row == "2:Mx"; // no error yet: the comma may come
    cr_expect(heard.error.empty() == incomplete, "%s: '%s'", row.c_str(), heard.error.c_str());
  }
  cr_expect(read("3:Eab,3:Mab,", 100).envelope == "ab");
}

Test(handover, answers_come_as_they_went) {
  const HandoverAnswer rows[] = {
      {true, 0, ""}, {false, 0, "1j0q8gopq5c4boo2"}, {false, 71, "ten places, all taken"}};
  std::string bytes;
  for (const HandoverAnswer& row : rows)
    bytes += encode(row);
  std::string_view rest = bytes;
  for (const HandoverAnswer& row : rows) {
    const auto answer = take_handover_answer(rest);
    cr_assert(answer && *answer);
    cr_expect(**answer == row, "%s", row.text.c_str());
  }
  cr_expect(rest.empty());
  std::string_view half = std::string_view(bytes).substr(0, 2);
  cr_expect(take_handover_answer(half).has_value() && !*take_handover_answer(half));
  const std::string long_text(5000, 'x');
  std::string_view cut = bytes = encode({false, 53, long_text});
  cr_expect((*take_handover_answer(cut))->text.size() == kMaxHandoverText);
}

Test(handover, no_answer_is_taken_for_a_good_one) {
  for (const char* payload : {"", "S", "S ", "Sx no", "S256 x", "S-1 x", "Gx", "0", "M"}) {
    std::string bytes;
    append_netstring(bytes, payload);
    std::string_view rest = bytes;
    cr_expect(!take_handover_answer(rest), "'%s'", payload);
  }
}
