#include "http/wall_time.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace switchboard::http {

namespace {

using storage::wall_ms;

constexpr wall_ms ms_per_day = 86'400'000;
constexpr wall_ms first_ms = -62'167'219'200'000; // 0000-01-01T00:00:00.000Z
constexpr wall_ms last_ms = 253'402'300'799'999;  // 9999-12-31T23:59:59.999Z

struct civil_date {
  int64_t year = 1970;
  int month = 1;
  int day = 1;
};

/// Days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
int64_t days_from_civil(civil_date d) {
  int64_t y = d.year - (d.month <= 2 ? 1 : 0);
  int64_t era = (y >= 0 ? y : y - 399) / 400;
  int64_t yoe = y - era * 400;
  int64_t doy = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
  return era * 146'097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719'468;
}

civil_date civil_from_days(int64_t days) {
  int64_t z = days + 719'468;
  int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
  int64_t doe = z - era * 146'097;
  int64_t yoe = (doe - doe / 1'460 + doe / 36'524 - doe / 146'096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  int64_t mp = (5 * doy + 2) / 153;
  civil_date d;
  d.day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
  d.month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  d.year = yoe + era * 400 + (d.month <= 2 ? 1 : 0);
  return d;
}

int days_in_month(int64_t year, int month) {
  constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[static_cast<size_t>(month - 1)];
}

char* put_digits(char* at, int64_t value, int count) {
  for (int i = count - 1; i >= 0; --i, value /= 10)
    at[i] = static_cast<char>('0' + value % 10);
  return at + count;
}

/// Reads from the front of a text; every step fails softly.
class scanner {
public:
  explicit scanner(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  bool at_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }

  bool skip(char c) {
    if (rest_.empty() || rest_.front() != c)
      return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool skip_any(std::string_view set) {
    return !rest_.empty() && set.find(rest_.front()) != std::string_view::npos &&
           skip(rest_.front());
  }
  /// Exactly `count` digits, between `low` and `high`.
  bool number(int count, int low, int high, int& out) {
    if (rest_.size() < static_cast<size_t>(count))
      return false;
    int value = 0;
    for (int i = 0; i < count; ++i, rest_.remove_prefix(1)) {
      if (!at_digit())
        return false;
      value = value * 10 + (rest_.front() - '0');
    }
    out = value;
    return value >= low && value <= high;
  }
  /// Digits after a point, cut to three.
  bool fraction(int& ms) {
    if (!at_digit())
      return false;
    ms = 0;
    for (int scale = 100; at_digit(); rest_.remove_prefix(1), scale /= 10)
      ms += (rest_.front() - '0') * scale;
    return true;
  }

private:
  std::string_view rest_;
};

bool read_date(scanner& in, civil_date& date, bool& whole) {
  int year = 0;
  if (!in.number(4, 0, 9999, year))
    return false;
  date.year = year;
  whole = false;
  if (in.done())
    return true;
  if (!in.skip('-') || !in.number(2, 1, 12, date.month))
    return false;
  if (in.done())
    return true;
  whole = true;
  return in.skip('-') && in.number(2, 1, days_in_month(date.year, date.month), date.day);
}

bool read_time(scanner& in, wall_ms& ms) {
  int hour = 0, minute = 0, second = 0, fraction = 0;
  if (!in.number(2, 0, 24, hour) || !in.skip(':') || !in.number(2, 0, 59, minute))
    return false;
  if (in.skip(':')) {
    if (!in.number(2, 0, 59, second) || (in.skip_any(".,") && !in.fraction(fraction)))
      return false;
  }
  ms = ((hour * 60LL + minute) * 60 + second) * 1000 + fraction;
  return ms <= ms_per_day;
}

bool read_offset(scanner& in, wall_ms& ms) {
  ms = 0;
  if (in.done() || in.skip_any("Zz"))
    return true;
  const bool minus = in.skip('-');
  int hours = 0, minutes = 0;
  if (!minus && !in.skip_any("+ "))
    return false;
  if (!in.number(2, 0, 23, hours))
    return false;
  in.skip(':');
  if (!in.done() && !in.number(2, 0, 59, minutes))
    return false;
  ms = (hours * 60LL + minutes) * 60'000 * (minus ? -1 : 1);
  return true;
}

constexpr std::array<const char*, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

} // namespace

void append_iso(std::string& out, wall_ms instant) {
  instant = std::clamp(instant, first_ms, last_ms);
  wall_ms day = instant >= 0 ? instant / ms_per_day : -((ms_per_day - 1 - instant) / ms_per_day);
  wall_ms rest = instant - day * ms_per_day;
  auto date = civil_from_days(day);
  std::array<char, 24> text;
  char* at = put_digits(text.data(), date.year, 4);
  *at++ = '-';
  at = put_digits(at, date.month, 2);
  *at++ = '-';
  at = put_digits(at, date.day, 2);
  *at++ = 'T';
  at = put_digits(at, rest / 3'600'000, 2);
  *at++ = ':';
  at = put_digits(at, rest / 60'000 % 60, 2);
  *at++ = ':';
  at = put_digits(at, rest / 1000 % 60, 2);
  *at++ = '.';
  at = put_digits(at, rest % 1000, 3);
  *at++ = 'Z';
  out.append(text.data(), text.size());
}

std::optional<wall_ms> parse_iso(std::string_view text) {
  scanner in{text};
  civil_date date;
  bool whole = false;
  if (!read_date(in, date, whole))
    return std::nullopt;
  wall_ms time = 0, offset = 0;
  if (!in.done()) {
    if (!whole || !in.skip_any("Tt ") || !read_time(in, time) || !read_offset(in, offset) ||
        !in.done())
      return std::nullopt;
  }
  return days_from_civil(date) * ms_per_day + time - offset;
}

std::string http_date(int64_t epoch_s) {
  int64_t day = epoch_s >= 0 ? epoch_s / 86'400 : -((86'399 - epoch_s) / 86'400);
  int64_t rest = epoch_s - day * 86'400;
  auto date = civil_from_days(day);
  auto weekday = static_cast<size_t>(((day % 7) + 11) % 7); // 1970-01-01 was a Thursday
  std::array<char, 64> text;
  int size = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                           weekdays[weekday], date.day, months[static_cast<size_t>(date.month - 1)],
                           static_cast<int>(date.year), static_cast<int>(rest / 3600),
                           static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  return {text.data(), static_cast<size_t>(size)};
}

std::optional<int64_t> parse_http_date(std::string_view text) {
  if (text.size() != 29)
    return std::nullopt;
  auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
  if (month == months.end())
    return std::nullopt;
  scanner day_in{text.substr(5, 2)}, year_in{text.substr(12, 4)}, time_in{text.substr(17, 8)};
  civil_date date;
  date.month = static_cast<int>(month - months.begin()) + 1;
  int year = 0;
  wall_ms time = 0;
  if (!year_in.number(4, 0, 9999, year) ||
      !day_in.number(2, 1, days_in_month(year, date.month), date.day) || !read_time(time_in, time))
    return std::nullopt;
  date.year = year;
  auto result = days_from_civil(date) * 86'400 + time / 1000;
  return http_date(result) == text ? std::optional<int64_t>{result} : std::nullopt;
}

} // namespace switchboard::http
