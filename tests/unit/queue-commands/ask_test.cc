// Asking where nobody can answer: a sentence that says what to do.
#include "queue/commands/ask.h"

#include <criterion/criterion.h>

using namespace waypost;

Test(ask, where_there_is_no_queue_yet_says_what_makes_one) {
  const Home home{"/nonexistent/etc", "/nonexistent/spool", "/nonexistent/run", true};
  Record request;
  request.add("command", "list");
  const auto nothing = [](const Record&, std::string_view) { return Result<>(); };
  const auto ending = queue::ask_queue(home, request, nothing);
  cr_assert(!ending.has_value());
  cr_expect(ending.error().text.contains("/nonexistent/spool is made by waypost start"), "%s",
            ending.error().text.c_str());
}
