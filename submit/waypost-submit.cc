// waypost-submit: sendmail without a queue and without a daemon, for the small machine: hands one
// message at once to the server that submit.toml names. waypost-submit(1).
//
// Privilege: its caller's. Before the first byte goes out it is confined to that server's port and
// to the folder of saved messages; the password lies with another process (submit/keeper.h).

#include <csignal>
#include <cstdio>
#include <sysexits.h>
#include <unistd.h>

#include "lib/sys/log.h"
#include "lib/sys/output.h"
#include "lib/sys/privilege.h"
#include "lib/sys/text.h"
#include "sasl/secret.h"
#include "submit/arguments.h"
#include "submit/message_in.h"
#include "submit/places.h"
#include "submit/submission.h"

namespace {

using namespace waypost;
using namespace waypost::submit;

using Loaded = std::expected<SubmitConfig, std::vector<std::string>>;

constexpr std::size_t kMostConfig = std::size_t{1} << 20;

int tell(const std::string& program, const Report& report) {
  for (const std::string& line : report.lines)
    std::fprintf(stderr, "%s: %s\n", program.c_str(), line.c_str());
  return report.status;
}

Loaded load(const SubmitArguments& arguments) {
  const std::string path = arguments.config.value_or(config_path());
  const Result<std::string> text = read_file(path, kMostConfig);
  if (!text)
    return std::unexpected(std::vector{
        text.error().text + "; waypost-submit(1) shows what to write there, or give --config"});
  auto config = read_submit_config(*text, path);
  if (config) return std::move(*config);
  std::vector<std::string> lines;
  for (const route::Complaint& one : config.error())
    lines.push_back(path + ":" + std::to_string(one.line) + ": " + one.text);
  return std::unexpected(std::move(lines));
}

int check(const std::string& program, const Loaded& config) {
  if (!config) return tell(program, {EX_CONFIG, config.error()});
  const Transport& way = config->transport;
  std::printf("%s: %s to %s:%u, TLS %s, %s\n", config->settings.source.c_str(),
              std::string(name(way.type)).c_str(), way.host.c_str(), unsigned{way.port},
              std::string(name(way.tls)).c_str(),
              way.user.empty() ? "without login" : ("as " + way.user).c_str());
  return output_written(program) ? EX_OK : EX_IOERR;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

std::string folder_of(const SubmitConfig& config) {
  return config.save.empty() ? save_folder() : expand_home(config.save);
}

// A message is never refused for want of a configuration: what was taken is saved.
int send(const std::string& program, const SubmitArguments& arguments, const Loaded& loaded) {
  RealFs fs;
  SubmitConfig config;
  if (loaded) config = *loaded;
  if (!loaded) config.settings = default_settings();
  auto message = take_message(fs, arguments.mail, config);
  if (!message) return tell(program, message.error());
  if (!loaded) {
    Report report{EX_CONFIG, loaded.error()};
    report.lines.push_back(where_it_is(*message));
    return tell(program, report);
  }
  Submission submission(fs, config, {arguments.debug, arguments.mail.verbose});
  std::vector<std::string> folders;
  if (!message->path().empty()) folders.push_back(folder_of(message->path()));
  const Result<> ready = submission.prepare(folders);
  if (!ready)
    return tell(program, {EX_NOPERM, {printable(ready.error().text), where_it_is(*message)}});
  return tell(program, submission.send(*message));
}

int resend(const std::string& program, const SubmitArguments& arguments,
           const std::vector<std::string>& files, const Loaded& config) {
  if (!config) return tell(program, {EX_CONFIG, config.error()});
  RealFs fs;
  Submission submission(fs, *config, {arguments.debug, arguments.mail.verbose});
  std::vector<std::string> folders;
  for (const std::string& file : files)
    folders.push_back(folder_of(file));
  const Result<> ready = submission.prepare(folders);
  if (!ready) return tell(program, {EX_NOPERM, {printable(ready.error().text)}});
  int status = EX_OK;
  for (const std::string& file : files) {
    if (submission.interrupted()) return EX_TEMPFAIL;
    if (submission.login_refused())
      return tell(program, {EX_NOPERM, {"the login was refused: no other message is tried"}});
    Result<SavedMessage> message = SavedMessage::open(fs, file);
    const int its = message ? tell(program, submission.send(*message))
                            : tell(program, {EX_NOINPUT, {printable(message.error().text)}});
    if (status == EX_OK) status = its;
  }
  return status;
}

// sendmail -bp: there is no queue, but there may be saved messages.
int list_saved(const std::string& program, const Loaded& config) {
  RealFs fs;
  const auto paths = saved_messages(fs, folder_of(config ? *config : SubmitConfig()));
  if (!paths) return tell(program, {EX_IOERR, {printable(paths.error().text)}});
  if (paths->empty()) std::puts("no saved messages");
  for (const std::string& path : *paths) {
    const Result<SavedMessage> message = SavedMessage::open(fs, path);
    std::printf("%s\n", path.c_str());
    if (!message) std::printf("  %s\n", printable(message.error().text).c_str());
    if (!message) continue;
    std::printf("  %llu bytes from <%s>\n", static_cast<unsigned long long>(message->length()),
                printable(message->head().sender.sender.text()).c_str());
    for (const Address& one : message->head().recipients)
      std::printf("  to %s\n", printable(one.text()).c_str());
    for (const std::string& reason : message->head().reasons)
      std::printf("  %s\n", printable(reason).c_str());
  }
  return output_written(program) ? EX_OK : EX_IOERR;
}

// sendmail -q: what was saved is tried now.
int flush(const std::string& program, const SubmitArguments& arguments, const Loaded& config) {
  RealFs fs;
  const auto paths = saved_messages(fs, folder_of(config ? *config : SubmitConfig()));
  if (!paths) return tell(program, {EX_IOERR, {printable(paths.error().text)}});
  return paths->empty() ? EX_OK : resend(program, arguments, *paths, config);
}

int act(const std::string& program, const SubmitArguments& arguments) {
  const Loaded config = load(arguments);
  if (arguments.what == SubmitArguments::What::check) return check(program, config);
  if (arguments.what == SubmitArguments::What::resend)
    return resend(program, arguments, arguments.files, config);
  switch (arguments.mail.mode) {
  case queue::InjectMode::deliver: return send(program, arguments, config);
  case queue::InjectMode::list: return list_saved(program, config);
  case queue::InjectMode::flush: return flush(program, arguments, config);
  case queue::InjectMode::newaliases:
  case queue::InjectMode::nothing: return EX_OK;
  case queue::InjectMode::explain:
  case queue::InjectMode::smtp: break;
  }
  return tell(program, {EX_UNAVAILABLE, {"it has no -bs, -bv and -bt: it sends messages only"}});
}

} // namespace

int main(int count, char** values) {
  const std::span<const char* const> all(values, static_cast<std::size_t>(count));
  const std::string_view path = count > 0 ? values[0] : "waypost-submit";
  std::string program = printable(path.substr(path.rfind('/') + 1));
  set_log_program("waypost-submit");
  const auto fds = open_standard_fds();
  if (!fds) return EX_OSERR;
  const Result<SubmitArguments> arguments =
      parse_submit_arguments(program, all.subspan(all.empty() ? 0 : 1));
  if (!arguments) return tell(program, {EX_USAGE, {arguments.error().text}});
  if (arguments->what == SubmitArguments::What::help) {
    std::fputs(kUsage, stdout);
    return output_written(program) ? EX_OK : EX_IOERR;
  }
  if (arguments->mail.label) program = printable(*arguments->mail.label);
  if (!fds->in) return tell(program, {EX_IOERR, {"standard input is closed"}});
  if (!forbid_inspection() || ::sodium_init() < 0) return EX_OSERR;
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGCHLD, SIG_DFL);
  return act(program, *arguments);
}
