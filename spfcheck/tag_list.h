// tag=value; tag=value: the form of DMARC and DKIM key records (RFC 6376 3.2), taken apart.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/sys/error.h"

namespace waypost::spfcheck {

struct Tag {
  std::string name;  // as written: case matters
  std::string value; // without white space at its ends
};

class TagList {
public:
  // An error: a part without "=", a name that is none, a name that stands twice.
  [[nodiscard]] static Result<TagList> parse(std::string_view text);

  [[nodiscard]] const std::vector<Tag>& all() const { return tags_; }
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;

private:
  std::vector<Tag> tags_;
};

// Without spaces, tabs and line ends, which may stand anywhere in a value of base64.
[[nodiscard]] std::string without_white_space(std::string_view text);

} // namespace waypost::spfcheck
