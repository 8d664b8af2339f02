#include "lib/mail/date.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace waypost {
namespace {

// By the calendar alone: gmtime(3) reads the machine's time zone first, and TZ is the caller's.
struct Utc {
  std::chrono::year_month_day day;
  std::chrono::weekday weekday;
  std::chrono::hh_mm_ss<std::chrono::seconds> time;

  [[nodiscard]] int year() const { return static_cast<int>(day.year()); }
  [[nodiscard]] unsigned month() const { return static_cast<unsigned>(day.month()); }
  [[nodiscard]] unsigned month_day() const { return static_cast<unsigned>(day.day()); }
  [[nodiscard]] int hour() const { return static_cast<int>(time.hours().count()); }
  [[nodiscard]] int minute() const { return static_cast<int>(time.minutes().count()); }
  [[nodiscard]] int second() const { return static_cast<int>(time.seconds().count()); }
};

Utc utc(WallUs time) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::microseconds> at{std::chrono::microseconds(time)};
  const auto day = floor<std::chrono::days>(at);
  return {std::chrono::year_month_day(day), std::chrono::weekday(day),
          std::chrono::hh_mm_ss(floor<std::chrono::seconds>(at - day))};
}

} // namespace

std::string rfc5322_date(WallUs time) {
  // Never by strftime's %a and %b, which follow the locale.
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Utc at = utc(time);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %u %s %d %02d:%02d:%02d +0000",
                kDays.at(at.weekday.c_encoding()), at.month_day(), kMonths.at(at.month() - 1),
                at.year(), at.hour(), at.minute(), at.second());
  return text;
}

std::string rfc3339_date(WallUs time) {
  const Utc at = utc(time);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", at.year(), at.month(),
                at.month_day(), at.hour(), at.minute(), at.second());
  return text;
}

} // namespace waypost
