#include <criterion/criterion.h>
#include <fcntl.h>

#include "lib/sys/pipe.h"
#include "tests/unit/no_descriptors.h"

using waypost::open_pipe;
using waypost::test::NoDescriptors;

Test(pipe, what_is_written_is_read_and_the_end_is_that_of_the_writer) {
  auto pipe = open_pipe();
  cr_assert(pipe.has_value());
  cr_assert_eq(::write(pipe->write.get(), "ab", 2), 2);
  pipe->write.reset();
  char bytes[8] = {};
  cr_expect_eq(::read(pipe->read.get(), bytes, sizeof bytes), 2);
  cr_expect_str_eq(bytes, "ab");
  cr_expect_eq(::read(pipe->read.get(), bytes, sizeof bytes), 0);
}

Test(pipe, is_for_no_program_that_is_executed) {
  for (const int flags : {0, O_NONBLOCK}) {
    const auto pipe = open_pipe(flags);
    cr_assert(pipe.has_value());
    for (const int fd : {pipe->read.get(), pipe->write.get()}) {
      cr_expect_eq(::fcntl(fd, F_GETFD), FD_CLOEXEC, "flags %d", flags);
      cr_expect_eq(::fcntl(fd, F_GETFL) & O_NONBLOCK, flags);
    }
  }
}

Test(pipe, where_there_is_no_descriptor_left_it_says_so) {
  const NoDescriptors none;
  const auto pipe = open_pipe();
  cr_assert(!pipe.has_value());
  cr_expect_eq(pipe.error().code, EMFILE);
}
