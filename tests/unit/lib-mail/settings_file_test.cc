#include "lib/mail/settings_file.h"

#include <criterion/criterion.h>

#include "lib/sys/shortage.h"
#include "tests/unit/no_descriptors.h"

namespace waypost {

Test(settings_file, what_passes_is_not_taken_for_an_absent_snapshot) {
  Result<Settings> settings = default_settings();
  {
    const test::NoDescriptors short_of;
    settings = settings_that_hold("/nonexistent/snapshot");
  }
  cr_assert(!settings.has_value());
  cr_expect(settings.error().code == EMFILE && passes(settings.error()));
}

Test(settings_file, an_absent_one_means_the_defaults) {
  const auto settings = settings_that_hold("/nonexistent/snapshot");
  cr_assert(settings.has_value());
  cr_expect_eq(settings->size_max, 100'000'000u);
}

Test(settings_file, a_damaged_one_means_the_defaults) {
  const auto settings = settings_that_hold("/");
  cr_assert(settings.has_value());
  cr_expect_eq(settings->generation, 0u);
}

} // namespace waypost
