#include "queue/bounce/encoded_words.h"

#include <criterion/criterion.h>

using namespace waypost::queue;

Test(encoded_words, become_the_text_that_was_written) {
  const struct {
    const char* text;
    const char* expected; // nullptr: none
  } rows[] = {
      {"", ""},
      {"plain = text?", "plain = text?"},
      {"=?utf-8?Q?caf=C3=A9_au_lait?=", "caf\u00e9 au lait"},
      {"=?UTF-8?B?Z3LDvMOfZQ==?=", "gr\u00fc\u00dfe"},
      {"=?utf-8?b?Z3LDvMOfZQ?=", "gr\u00fc\u00dfe"},
      {"=?iso-8859-1?q?gr=FC=dfe?=", "gr\u00fc\u00dfe"},
      {"Re: =?utf-8?q?=C3=BC?= and more", "Re: \u00fc and more"},
      {"=?utf-8?q?a?= =?utf-8?q?b?=", "ab"},
      {"=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"},
      {"=?utf-8*de?q?a?=", "a"},
      {"=?us-ascii?q?a?=", "a"},
      {"=?utf-8?q?"
       "?=",
       ""}, // apart, for the trigraph
      {"=?koi8-r?q?a?=", nullptr},
      {"=?utf-8?x?a?=", nullptr},
      {"=?utf-8?q?=C?=", nullptr},
      {"=?utf-8?q?=zz?=", nullptr},
      {"=?utf-8?b?***?=", nullptr},
      {"=?utf-8?q?never ends", nullptr},
      {"=?", nullptr},
      {"=?utf-8", nullptr},
  };
  for (const auto& row : rows) {
    const auto got = decode_words(row.text);
    cr_expect_eq(got.has_value(), row.expected != nullptr, "%s", row.text);
    if (got && row.expected != nullptr)
      cr_expect(*got == row.expected, "%s: %s", row.text, got->c_str());
  }
}
