// Who must act on a transport that is held: a login that was refused is another thing than one that
// did not come about.
#include "deliver/who_acts.h"

#include <criterion/criterion.h>

#include "deliver/policy.h"

namespace waypost::deliver {

Test(who_acts, a_login_that_no_server_refused_is_trouble_of_this_machine) {
  Transport transport;
  transport.type = TransportType::submission;
  transport.credential = "ses";
  Outcome refused = login_failure("5.7.8 no");
  refused.code = 535;
  const std::string of_refusal = who_must_act(transport, refused);
  cr_expect(of_refusal.starts_with("look at the transport's user and credential"), "%s",
            of_refusal.c_str());
  const std::string of_absence = who_must_act(transport, login_failure("waypost-sasl is gone"));
  cr_expect(of_absence.starts_with("no server has refused the login"), "%s", of_absence.c_str());
  for (const std::string& one : {of_refusal, of_absence})
    cr_expect(one.ends_with("; waypost credential test ses tries it"), "%s", one.c_str());
}

Test(who_acts, a_proxy_that_refuses_a_login_answers_without_a_code) {
  Transport transport;
  transport.type = TransportType::socks;
  const std::string act = who_must_act(transport, login_failure("refused"));
  cr_expect(act.starts_with("look at the transport's user and credential"), "%s", act.c_str());
}

} // namespace waypost::deliver
