#include "submit/login_line.h"

#include "lib/mail/login.h"
#include "lib/sys/home.h"
#include "submit/keeper.h"
#include "submit/places.h"

namespace waypost::submit {

Result<std::unique_ptr<LoginLine>> LoginLine::start(const SubmitConfig& config) {
  std::unique_ptr<LoginLine> made(new LoginLine(config));
  const Transport& transport = config.transport;
  if (!logs_in(transport)) return made;
  const bool own = transport.credential.empty() || transport.credential == kOwnSecret;
  const bool has_source = !config.password_command.empty() || !config.password_file.empty();
  if (own && (has_source || transport.credential.empty())) {
    const PasswordSource source{config.password_command, expand_home(config.password_file)};
    Result<Fd> line = start_keeper(scope_of(transport), source);
    if (!line) return std::unexpected(line.error());
    made->line_ = std::move(*line);
    return made;
  }
  Result<deliver::OwnOracle> oracle = deliver::OwnOracle::start_for(find_home());
  if (!oracle)
    return fail("credential \"" + transport.credential + "\": " + oracle.error().text +
                "; anybody else writes password_command or password_file");
  made->oracle_ = std::move(*oracle);
  return made;
}

Result<Fd> LoginLine::take(net::Loop& loop) {
  if (!oracle_) return std::move(line_);
  scopes_.emplace(loop, oracle_->take_scopes());
  return scopes_->line_for(config_.transport);
}

} // namespace waypost::submit
