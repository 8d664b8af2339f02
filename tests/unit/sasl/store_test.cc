#include "sasl/store.h"

#include <criterion/criterion.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/fault_fs.h"
#include "tests/unit/sasl/scratch_store.h"

using namespace waypost;
using namespace waypost::sasl;
using namespace waypost::test;
namespace fs = std::filesystem;

namespace {

std::string bytes_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::size_t keys_in(const ScratchFolder& folder) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder.credentials()))
    count += entry.path().filename().string().starts_with("key-") ? 1 : 0;
  return count;
}

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

void fill(Store& store) {
  cr_assert(store.prepare().has_value());
  cr_assert(store.add("ses", SecretKind::password, 1, "pencil").has_value());
  cr_assert(store.add("google", SecretKind::token, 2, "ya29.token").has_value());
}

// A store with two credentials.
struct Filled {
  ScratchFolder folder;
  RealFs real;
  Store store{real, folder.credentials()};
  Filled() { fill(store); }
};

} // namespace

Test(store, gives_back_what_was_added) {
  Filled filled;
  Store& store = filled.store;
  cr_expect(secret_in(store, "ses") == "pencil");
  cr_expect(secret_in(store, "google") == "ya29.token");
  cr_expect(store.read("google").value().kind == SecretKind::token);
  cr_expect(store.add("ses", SecretKind::password, 3, "another").has_value(), "replaces");
  cr_expect(secret_in(store, "ses") == "another");
}

Test(store, no_secret_stands_in_any_file) {
  Filled filled;
  auto& [folder, real, store] = filled;
  for (const auto& entry : fs::directory_iterator(folder.credentials())) {
    const std::string bytes = bytes_of(entry.path());
    cr_expect(!says(bytes, "pencil") && !says(bytes, "cGVuY2ls"), "%s", entry.path().c_str());
  }
}

// What an administrator without the secret key can do, and cannot.
Test(store, adding_needs_no_secret_key_and_opening_does) {
  Filled filled;
  auto& [folder, real, store] = filled;
  const fs::path away = folder.path() + "/away";
  fs::path key;
  for (const auto& entry : fs::directory_iterator(folder.credentials()))
    if (entry.path().filename().string().starts_with("key-")) key = entry.path();
  fs::rename(key, away);
  cr_expect(store.add("new", SecretKind::password, 3, "added").has_value());
  cr_expect(says(secret_in(store, "new"), "error: credential new: its key: "));
  fs::rename(away, key);
  cr_expect(secret_in(store, "new") == "added");
}

Test(store, a_file_under_another_name_is_refused) {
  Filled filled;
  auto& [folder, real, store] = filled;
  fs::copy_file(folder.credentials() + "/ses.sealed", folder.credentials() + "/other.sealed");
  cr_expect(says(secret_in(store, "other"), "the file holds another, ses"));
  // And what is sealed knows its name itself.
  SealedCredential forged = store.read("ses").value();
  forged.name = "other";
  cr_expect(!store.open(forged));
  forged = store.read("ses").value();
  forged.kind = SecretKind::token;
  cr_expect(!store.open(forged));
}

Test(store, damage_is_seen) {
  Filled filled;
  auto& [folder, real, store] = filled;
  SealedCredential damaged = store.read("ses").value();
  damaged.sealed[40] = static_cast<char>(damaged.sealed[40] ^ 1);
  cr_expect(!store.open(damaged));
  damaged.sealed.resize(20);
  cr_expect(!store.open(damaged));
  std::ofstream(folder.credentials() + "/ses.sealed") << "nonsense";
  cr_expect(says(secret_in(store, "ses"), "damaged"));
}

Test(store, modes_by_which_others_could_read_or_write_are_refused_and_explained) {
  Filled filled;
  auto& [folder, real, store] = filled;
  struct Row {
    std::string file;
    mode_t bad;
    mode_t good;
    const char* says;
  };
  const std::string key = folder.credentials() + "/key-" + store.read("ses").value().key;
  for (const Row& row : {Row{key, 0440, 0400, "chmod 400"}, Row{key, 0404, 0400, "rotate the key"},
                         Row{folder.credentials() + "/ses.sealed", 0660, 0600, "chmod go-w"},
                         Row{folder.credentials(), 0770, 0700, "chmod go-w"}}) {
    cr_assert(::chmod(row.file.c_str(), row.bad) == 0);
    cr_expect(says(secret_in(store, "ses"), row.says), "%s: %s", row.file.c_str(),
              secret_in(store, "ses").c_str());
    cr_assert(::chmod(row.file.c_str(), row.good) == 0);
    cr_expect(secret_in(store, "ses") == "pencil");
  }
}

Test(store, a_link_in_place_of_a_file_is_not_followed) {
  Filled filled;
  auto& [folder, real, store] = filled;
  fs::rename(folder.credentials() + "/ses.sealed", folder.path() + "/moved");
  fs::create_symlink(folder.path() + "/moved", folder.credentials() + "/ses.sealed");
  cr_expect(secret_in(store, "ses").starts_with("error: "));
}

Test(store, names_cannot_leave_the_folder) {
  for (const char* const bad : {"", ".", "..", "../x", "a/b", "-x", ".x", "a b", "a\n"})
    cr_expect(!Store::valid_name(bad), "%s", bad);
  for (const char* const good : {"ses", "a.b", "A_1-2"})
    cr_expect(Store::valid_name(good), "%s", good);
}

Test(store, what_is_no_secret_is_refused) {
  const ScratchFolder folder;
  RealFs real;
  Store store(real, folder.credentials());
  cr_assert(store.prepare().has_value());
  for (const std::string& bad : {std::string(), std::string("a\nb"), std::string("a\0b", 3),
                                 std::string(kMaxSecret + 1, 'x')})
    cr_expect(!store.add("ses", SecretKind::password, 1, bad));
}

Test(store, removed_is_gone_and_what_is_not_there_is_said) {
  Filled filled;
  Store& store = filled.store;
  cr_expect(store.remove("ses").has_value());
  cr_expect(says(secret_in(store, "ses"), "there is none in"));
  cr_expect(!store.remove("ses"));
}

Test(store, rotation_seals_all_anew_and_removes_the_old_key) {
  Filled filled;
  auto& [folder, real, store] = filled;
  const std::string before = store.read("ses").value().key;
  const auto left = store.rotate();
  cr_assert(left.has_value());
  cr_expect(left->empty());
  cr_expect(secret_in(store, "ses") == "pencil" && secret_in(store, "google") == "ya29.token");
  cr_expect(store.read("ses").value().key != before);
  cr_expect(store.read("ses").value().added == 1, "what else is known stays");
  cr_expect_eq(keys_in(folder), 1);
}

Test(store, rotation_keeps_the_key_of_what_it_cannot_open) {
  Filled filled;
  auto& [folder, real, store] = filled;
  SealedCredential damaged = store.read("ses").value();
  damaged.sealed[40] = static_cast<char>(damaged.sealed[40] ^ 1);
  std::ofstream(folder.credentials() + "/ses.sealed") << encode(damaged);
  const auto left = store.rotate();
  cr_assert(left.has_value());
  cr_expect_eq(left->size(), 1);
  cr_expect(secret_in(store, "google") == "ya29.token");
  cr_expect_eq(keys_in(folder), 2);
}

// Every call of a rotation fails once, and after each the power goes: whatever was there before can
// be opened, and a second rotation ends what the first began.
Test(store, a_rotation_that_is_cut_anywhere_costs_no_credential) {
  int cuts = 0;
  for (const Crash how : {Crash::forget, Crash::keep_names, Crash::keep_all}) {
    for (int call = 1;; ++call) {
      const ScratchFolder folder;
      FaultFs faulty;
      {
        Store store(faulty, folder.credentials());
        fill(store);
      }
      faulty.forget_log();
      faulty.fail_call(call, EIO);
      Store store(faulty, folder.credentials());
      const auto rotated = store.rotate();
      const bool reached = faulty.calls() >= call;
      faulty.heal();
      faulty.crash(how);
      RealFs real;
      Store after(real, folder.credentials());
      cr_assert(secret_in(after, "ses") == "pencil", "call %d: %s", call,
                secret_in(after, "ses").c_str());
      cr_assert(secret_in(after, "google") == "ya29.token", "call %d", call);
      const auto again = after.rotate();
      cr_assert(again.has_value() && again->empty(), "call %d", call);
      cr_assert(secret_in(after, "ses") == "pencil", "call %d", call);
      if (!reached) break;
      ++cuts;
    }
  }
  cr_expect(cuts > 60, "%d", cuts);
}

Test(store, an_addition_that_is_cut_anywhere_leaves_the_old_or_the_new) {
  for (int call = 1;; ++call) {
    const ScratchFolder folder;
    FaultFs faulty;
    Store store(faulty, folder.credentials());
    fill(store);
    faulty.forget_log();
    faulty.fail_call(call, EIO);
    const bool added = store.add("ses", SecretKind::password, 3, "another").has_value();
    const bool reached = faulty.calls() >= call;
    faulty.heal();
    faulty.crash(Crash::forget);
    RealFs real;
    const std::string now = secret_in(Store(real, folder.credentials()), "ses");
    cr_assert(now == "another" || (!added && now == "pencil"), "call %d: %s", call, now.c_str());
    if (!reached) break;
  }
}

Test(store, lists_in_order_and_names_what_it_cannot_read) {
  Filled filled;
  auto& [folder, real, store] = filled;
  std::ofstream(folder.credentials() + "/broken.sealed") << "nonsense";
  const auto all = store.list();
  cr_assert(all.has_value());
  cr_assert_eq(all->size(), 3);
  cr_expect(!(*all)[0]);
  cr_expect((*all)[1].value().name == "google" && (*all)[2].value().name == "ses");
}

Test(store, without_a_folder_says_what_to_do) {
  RealFs real;
  const Store store(real, "/nonexistent/credentials");
  cr_expect(says(secret_in(store, "ses"), "no credential was ever added"));
}
