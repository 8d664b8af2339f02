#include "route/import_command.h"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include "lib/sys/output.h"
#include "lib/sys/text.h"
#include "route/config_file.h"
#include "route/import_text.h"

namespace waypost::route {
namespace {

int complain(const std::string& text, int code) {
  std::fprintf(stderr, "waypost-config: %s\n", printable(text).c_str());
  return code;
}

std::string in_home(const char* variable, const std::string& name) {
  const char* const folder = std::getenv(variable);
  return folder == nullptr ? std::string() : std::string(folder) + '/' + name;
}

std::string default_file(const std::string& from) {
  if (from == "postfix") return "/etc/postfix/main.cf";
  if (from == "nullmailer") return "/etc/nullmailer/remotes";
  for (const std::string& own :
       {in_home("HOME", ".msmtprc"), in_home("XDG_CONFIG_HOME", "msmtp/config"),
        in_home("HOME", ".config/msmtp/config")})
    if (!own.empty() && ::access(own.c_str(), R_OK) == 0) return own;
  return "/etc/msmtprc";
}

ImportDraft draft_of(const std::string& from, const std::string& text, const std::string& path) {
  if (from == "msmtp") return import_msmtp(text, path);
  const ReadFile read = read_text_file;
  return from == "postfix" ? import_postfix(text, path, read) : import_nullmailer(text, path, read);
}

// For who reads the terminal: what the file says in its comments.
void say_what_comes_next(const ImportDraft& draft) {
  std::fprintf(stderr, "waypost-config: %zu transports, %zu rules; %zu things have no equal\n",
               draft.transports.size(), draft.rules.size(), draft.notes.size());
  for (const std::string& one : draft.secrets)
    std::fprintf(stderr, "next: %s\n", printable(one).c_str());
}

} // namespace

int take_over(const ImportCommand& command) {
  const std::string path = command.file.value_or(default_file(command.from));
  const Result<std::string> text = read_text_file(path);
  if (!text) return complain(text.error().text, kTemporary);
  const ImportDraft draft = draft_of(command.from, *text, path);
  const Result<std::string> ours = import_text(draft, command.from + ", " + path);
  if (!ours) return complain(ours.error().text, kTemporary);
  if (!command.output) {
    std::fputs(ours->c_str(), stdout);
    if (!output_written("waypost-config")) return kTemporary;
  } else {
    const Result<> written = write_file(*command.output, *ours, Existing::keep);
    if (!written && written.error().code == EEXIST)
      return complain(*command.output + " exists, and stays as it is", kBad);
    if (!written) return complain(written.error().text, kTemporary);
  }
  say_what_comes_next(draft);
  return 0;
}

} // namespace waypost::route
