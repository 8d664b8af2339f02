#include "sasl/credential_command.h"

#include <unistd.h>

#include "lib/mail/date.h"
#include "lib/sys/json.h"
#include "sasl/command_words.h"
#include "sasl/secret_input.h"

namespace waypost::sasl {
namespace {

constexpr int kPermanent = 100;
constexpr int kTemporary = 111;

CommandEnd usage() {
  return {kPermanent, {}, std::string(kCredentialUsage)};
}

CommandEnd failed(const Error& error) {
  const int status = error.code == 0 ? kPermanent : kTemporary;
  return {status, {}, "waypost credential: " + error.text + '\n'};
}

CommandEnd add(Store& store, const std::string& name, SecretKind kind, int in, WallUs now) {
  if (!Store::valid_name(name))
    return failed({0, "a credential's name is of letters, digits, - _ and . (64 at most)"});
  const Result<> ready = store.prepare();
  if (!ready) return failed(ready.error());
  const std::string what = std::string(kind == SecretKind::token ? "Token" : "Password");
  const Result<Secret> secret = read_secret(in, what + " for " + name);
  if (!secret) return failed(secret.error());
  const Result<> added = store.add(name, kind, now, view(*secret));
  if (!added) return failed(added.error());
  return {0, {}, "credential " + name + " is in " + store.folder() + "\n"};
}

// Everything behind the option is the command's, options of its own too.
CommandEnd add_command(Store& store, std::string_view name, std::span<char* const> command,
                       WallUs now) {
  const std::vector<std::string> words(command.begin(), command.end());
  const Result<std::string> joined = join_command_words(words);
  if (!joined) return failed(joined.error());
  if (::access(words.front().c_str(), X_OK) != 0)
    return failed({0, words.front() + ": no program"});
  const Result<> ready = store.prepare();
  if (!ready) return failed(ready.error());
  const Result<> added = store.add(name, SecretKind::token_command, now, *joined);
  if (!added) return failed(added.error());
  return {0, {}, "credential " + std::string(name) + " is in " + store.folder() + "\n"};
}

std::string json_of(const SealedCredential& one) {
  JsonObject json;
  json.text("name", one.name).text("kind", name(one.kind));
  json.text("added", rfc3339_date(one.added)).text("key", one.key);
  return json.str() + '\n';
}

CommandEnd list(const Store& store, bool json) {
  const auto all = store.list();
  if (!all) return failed(all.error());
  CommandEnd end;
  for (const Result<SealedCredential>& one : *all) {
    if (!one) {
      end.status = kPermanent;
      end.message += "waypost credential: " + one.error().text + '\n';
    } else if (json) {
      end.output += json_of(*one);
    } else {
      end.output += one->name + "\t" + std::string(name(one->kind)) + '\n';
    }
  }
  return end;
}

CommandEnd rotate(Store& store) {
  const auto left = store.rotate();
  if (!left) return failed(left.error());
  CommandEnd end;
  for (const Error& one : *left) {
    end.status = kPermanent;
    end.message += "waypost credential: not sealed anew: " + one.text + '\n';
  }
  return end;
}

CommandEnd ended(const Result<>& result) {
  return result ? CommandEnd() : failed(result.error());
}

} // namespace

CommandEnd run_credential_command(Store& store, std::span<char* const> words, int in, WallUs now) {
  const std::string_view verb = words.empty() ? std::string_view() : words[0];
  const std::string_view second = words.size() > 1 ? words[1] : std::string_view();
  const std::string_view third = words.size() > 2 ? words[2] : std::string_view();
  if (verb == "add" && words.size() == 2)
    return add(store, std::string(second), SecretKind::password, in, now);
  if (verb == "add" && words.size() == 3 && third == "--token")
    return add(store, std::string(second), SecretKind::token, in, now);
  if (verb == "add" && words.size() > 3 && third == "--token-command")
    return add_command(store, second, words.subspan(3), now);
  if (verb == "list" && words.size() == 1) return list(store, false);
  if (verb == "list" && words.size() == 2 && second == "--json") return list(store, true);
  if (verb == "remove" && words.size() == 2) return ended(store.remove(second));
  if (verb == "rotate" && words.size() == 1) return rotate(store);
  if (verb == "init" && words.size() == 1) return ended(store.prepare());
  return usage();
}

} // namespace waypost::sasl
