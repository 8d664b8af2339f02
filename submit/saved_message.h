// SavedMessage: a message of waypost-submit's on its way: a file in the folder of what could not be
// sent, there before the first byte goes to a server and removed when all recipients have it.
//
// So whatever ends the program, the message lies there, whole and synced, with its envelope
// (saved_head.h). The file is private (0600, its folder 0700) and locked while it is being sent.
// Where no folder can be had the message is kept in memory, and an error says why.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/sys/fs.h"
#include "submit/saved_head.h"

namespace waypost::submit {

class SavedMessage {
public:
  // A new one, to be filled; `fs` outlives it. Without a folder it is in memory, and unsaved()
  // tells why.
  [[nodiscard]] static Result<SavedMessage> create(Fs& fs, const std::string& folder,
                                                   const SavedHead& head);
  [[nodiscard]] Result<> append(std::string_view bytes);
  // All is there: its name holds now.
  [[nodiscard]] Result<> finish();

  // One that was saved; an error when it is none, or when it is being sent at this moment.
  [[nodiscard]] static Result<SavedMessage> open(Fs& fs, const std::string& path);

  SavedMessage(SavedMessage&& other) noexcept = default;
  SavedMessage& operator=(SavedMessage&&) = delete;
  ~SavedMessage();

  [[nodiscard]] const SavedHead& head() const { return head_; }
  [[nodiscard]] int descriptor() const { return file_.get(); }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  [[nodiscard]] std::uint64_t length() const { return size_ - offset_; }
  // Its path; empty when it lies in memory only.
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& unsaved() const { return unsaved_; }

  // Everybody has it.
  [[nodiscard]] Result<> remove();
  // Only these are open any more, and why. Until the new file is there the old one is.
  [[nodiscard]] Result<> keep_for(const SavedHead& head);

private:
  explicit SavedMessage(Fs& fs) : fs_(&fs) {}
  [[nodiscard]] Result<> open_folder(const std::string& folder);
  [[nodiscard]] Result<Fd> make_file();
  [[nodiscard]] std::string part_name() const;

  Fs* fs_;
  Fd folder_;
  Fd file_;
  std::string name_; // in the folder; while it is made it has none, or part_name()
  std::string path_;
  std::string unsaved_;
  bool is_part_ = false;
  bool replaces_ = false; // the name is that of an older one
  SavedHead head_;
  std::uint64_t offset_ = 0;
  std::uint64_t size_ = 0;
};

// The paths of those in the folder, the oldest first.
[[nodiscard]] Result<std::vector<std::string>> saved_messages(Fs& fs, const std::string& folder);

} // namespace waypost::submit
