// AliasBook: the alias file as it is at this moment, and the lists that it includes.
//
// Looked at again at every question: an edited file holds at once, and nobody has to run
// newaliases. It is read anew only when it is another file, or has another size or time. A file
// that is not there has no aliases; one that cannot be read is an error, and mail waits.
#pragma once

#include <ctime>
#include <string>
#include <sys/types.h>

#include "lib/mail/alias_file.h"

namespace waypost::route {

class AliasBook {
public:
  explicit AliasBook(std::string path) : path_(std::move(path)) {}
  // From now on the log says when the file was read, not only what is wrong in it.
  void log_reading() { logs_reading_ = true; }

  // Valid until the next call.
  [[nodiscard]] Result<const AliasFile*> current();
  // The targets of an included file. `left`: how many bytes may still be read for one alias.
  [[nodiscard]] static Result<std::vector<AliasTarget>> included(const std::string& path,
                                                                 std::size_t& left);
  // "aliases:12"
  [[nodiscard]] std::string place(const Alias& alias) const;
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    timespec changed{};
  };
  [[nodiscard]] static bool same(const Stamp& one, const Stamp& other);

  std::string path_;
  Stamp stamp_;
  Stamp told_; // the errors of this one stand in the log
  AliasFile file_;
  bool logs_reading_ = false;
};

} // namespace waypost::route
