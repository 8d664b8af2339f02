#include <criterion/criterion.h>

#include <string>

#include "lib/sys/crc32c.h"

using namespace waypost;

// RFC 3720 B.4, and the check value of the catalogue of CRCs.
Test(crc32c, published_values) {
  cr_expect_eq(crc32c(""), 0U);
  cr_expect_eq(crc32c("123456789"), 0xE3069283U);
  cr_expect_eq(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  cr_expect_eq(crc32c(std::string(32, '\xff')), 0x62A8AB43U);
  std::string ascending;
  for (int i = 0; i < 32; ++i)
    ascending += static_cast<char>(i);
  cr_expect_eq(crc32c(ascending), 0x46DD794EU);
}

Test(crc32c, streams_at_every_split) {
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += static_cast<char>(i * 37);
  const std::string_view all(text);
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    cr_expect_eq(crc32c(all.substr(cut), crc32c(all.substr(0, cut))), crc32c(all), "cut at %zu",
                 cut);
  }
}
