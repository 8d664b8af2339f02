#include <criterion/criterion.h>

#include <vector>

#include "smtpd/listeners.h"
#include "smtpd/options.h"

using namespace waypost::smtpd;

Test(options, what_is_listened_at) {
  for (const char* good : {"127.0.0.1:25", "0.0.0.0:0", "[::1]:25", "[2001:db8::1]:65535"})
    cr_expect(valid_listen_address(good), "%s", good);
  for (const char* bad :
       {"", "25", ":25", "localhost:25", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
        "127.0.0.1:x", "::1:25", "[::1]", "[127.0.0.1]:25", "[::1:25", "127.1:25"})
    cr_expect(!valid_listen_address(bad), "%s", bad);
}

Test(options, of_a_service) {
  const std::vector words{"--listen", "127.0.0.1:25", "--listen", "[::1]:25", "--connections", "7"};
  const auto options = parse_options(words);
  cr_assert(options.has_value());
  cr_expect_eq(options->listen.size(), 2U);
  cr_expect_eq(options->connections, 7U);
}

Test(options, mistakes) {
  const std::vector<const char*> rows[] = {
      {"--listen", "25"},        {"--listen"},         {"--connections", "0"},
      {"--connections", "1001"}, {"--queue", "queue"}, {"--caller", "--listen", "127.0.0.1:25"},
      {"--nonsense", "1"},       {"--timeout", "-1"},
  };
  for (const auto& words : rows)
    cr_expect(!parse_options(words).has_value(), "%s", words.front());
}
