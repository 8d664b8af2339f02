// KeyFolder: where private keys lie, as FOLDER/DOMAIN/SELECTOR.pem; waypost-dkimsign(8).
//
// A key is root's or the reader's own. Others can neither read nor change it: this is looked at
// each time, and the error names the file and the remedy. A key is never written over: what was
// published stays what it is.
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>

#include "dkim/key.h"
#include "lib/sys/error.h"
#include "lib/sys/fs.h"

namespace waypost::dkim {

class KeyFolder {
public:
  // `group`: who besides the owner may read the keys that are made, waydkim where that is
  // installed. `fs` outlives the folder.
  KeyFolder(Fs& fs, std::string folder, std::optional<gid_t> group = std::nullopt)
      : fs_(fs),
        folder_(std::move(folder)),
        group_(group) {}

  // `domain` in normal form.
  [[nodiscard]] std::string path(const std::string& domain, const std::string& selector) const;
  [[nodiscard]] bool has(const std::string& domain, const std::string& selector) const;
  [[nodiscard]] Result<Key> read(const std::string& domain, const std::string& selector) const;
  // Makes the folders where they are missing, and the file, durable when this returns. A key that
  // is there already is an error with the code EEXIST.
  Result<> add(const std::string& domain, const std::string& selector, const Key& key);

private:
  Result<Fd> make_folder(const std::string& path);
  Result<> settle(int fd, const std::string& path, mode_t mode);

  Fs& fs_;
  std::string folder_;
  std::optional<gid_t> group_;
};

[[nodiscard]] Result<Key> read_key_file(Fs& fs, const std::string& path);

// RFC 6376 3.1: labels as in a domain, with dots between them. So it names no other folder.
[[nodiscard]] bool valid_selector(std::string_view selector);

} // namespace waypost::dkim
