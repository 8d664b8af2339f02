#include "tests/unit/deliver/test_file.h"

#include <cstdlib>
#include <unistd.h>

namespace waypost::test {

TestFile::TestFile(const std::string& text) : path_("/tmp/waypost-test-XXXXXX") {
  const int fd = ::mkstemp(path_.data());
  if (::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
  ::close(fd);
}

TestFile::~TestFile() {
  ::unlink(path_.c_str());
}

} // namespace waypost::test
