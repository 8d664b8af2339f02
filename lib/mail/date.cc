#include "lib/mail/date.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace waypost {
namespace {

std::tm utc(WallUs time) {
  const auto seconds = static_cast<std::time_t>(time / 1'000'000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return parts;
}

} // namespace

std::string rfc5322_date(WallUs time) {
  // Never by strftime's %a and %b, which follow the locale.
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::tm at = utc(time);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %d %s %d %02d:%02d:%02d +0000",
                kDays.at(static_cast<std::size_t>(at.tm_wday)), at.tm_mday,
                kMonths.at(static_cast<std::size_t>(at.tm_mon)), at.tm_year + 1900, at.tm_hour,
                at.tm_min, at.tm_sec);
  return text;
}

std::string rfc3339_date(WallUs time) {
  const std::tm at = utc(time);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", at.tm_year + 1900,
                at.tm_mon + 1, at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec);
  return text;
}

} // namespace waypost
