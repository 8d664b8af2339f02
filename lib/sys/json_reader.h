// JsonReader: reads one JSON text from front to back, calling the caller for what it wants. Beside
// json.h, which writes it.
//
//   JsonReader in(line);
//   in.object([&](std::string_view key) { return key == "id" ? in.text(id) : in.skip(); });
//   in.end();
//
// RFC 8259, strictly: UTF-8 alone, no half surrogates, no key twice in an object. Nothing is kept
// but what the caller takes, so that a line may be as long as a message has recipients; nesting is
// bounded. The first error ends it; its text says what was wanted at which byte.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "lib/sys/error.h"

namespace waypost {

class JsonReader {
public:
  // `text` must outlive the reader.
  explicit JsonReader(std::string_view text) : text_(text) {}

  // Each calls `each` at every value in it, which must read it, all of it.
  [[nodiscard]] Result<> object(const std::function<Result<>(std::string_view key)>& each);
  [[nodiscard]] Result<> array(const std::function<Result<>()>& each);

  [[nodiscard]] Result<> text(std::string& out);
  [[nodiscard]] Result<> text_or_null(std::string& out); // null: ""
  [[nodiscard]] Result<> number(std::uint64_t& out);     // a whole one, not below 0
  [[nodiscard]] Result<> boolean(bool& out);
  [[nodiscard]] Result<> skip(); // whatever it is
  [[nodiscard]] Result<> end();  // nothing but blanks may follow

private:
  static constexpr unsigned kMostDepth = 32;
  static constexpr std::size_t kMostKeys = 256; // of one object

  [[nodiscard]] std::unexpected<Error> wanted(std::string_view what) const;
  void blanks();
  bool take(char c); // behind blanks
  bool take_word(std::string_view word);
  [[nodiscard]] Result<> list(char close, const std::function<Result<>()>& each);
  [[nodiscard]] Result<> escape(std::string& out);
  [[nodiscard]] Result<std::uint32_t> hex();
  [[nodiscard]] Result<> skip_number();

  std::string_view text_;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
};

} // namespace waypost
