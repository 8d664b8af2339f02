#include "spfcheck/trace.h"

namespace waypost::spfcheck {

const char* name_of(SpfResult result) {
  switch (result) {
  case SpfResult::none: return "none";
  case SpfResult::neutral: return "neutral";
  case SpfResult::pass: return "pass";
  case SpfResult::fail: return "fail";
  case SpfResult::softfail: return "softfail";
  case SpfResult::temperror: return "temperror";
  case SpfResult::permerror: return "permerror";
  }
  return "";
}

} // namespace waypost::spfcheck
