/*
 * logtime: the time stamps of log lines.
 */
#include "maillog/logtime.h"

#include <stdbool.h>
#include <string.h>

#define DAY INT64_C(86400)

/* Days from 1970 to the first of a month, 1 to 12, Gregorian. */
static int64_t
days_before(int64_t year, int month)
{
	static const int days[] = {
	    0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	int64_t y = year - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 - 719162 + days[month - 1] +
	       (month > 2 && leap);
}

void
logtime_init(struct logtime *l, int64_t now)
{
	/* As if a line half a year old went before: the year nearest to that
	 * puts the first time stamp between a year ago and tomorrow. */
	l->last = now + DAY - 183 * DAY;
	l->year = 1970;
	while (days_before(l->year + 1, 1) * DAY <= l->last)
		l->year++;
}

/* Digits in a row, n of them; -1 if they are none. */
static int
number(const char *text, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + text[i] - '0';
	}
	return value;
}

/* "hh:mm:ss" to seconds, or -1. A leap second is possible. */
static int
time_of_day(const char *text)
{
	int h = number(text, 2), m = number(text + 3, 2),
	    s = number(text + 6, 2);

	if (text[2] != ':' || text[5] != ':' || h < 0 || h > 23 || m < 0 ||
	    m > 59 || s < 0 || s > 60)
		return -1;
	return h * 3600 + m * 60 + s;
}

/* "Nov" to 11; 0 if it is none. */
static int
month_of(const char *text)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (size_t i = 0; i < 12; i++)
		if (memcmp(names + 3 * i, text, 3) == 0)
			return (int)i + 1;
	return 0;
}

#define SYSLOG_LEN 15 /* "Nov 22 14:01:59" */

/* Returns the length of the time stamp, 0 if there is none. */
static size_t
syslog_time(struct logtime *l, const char *line, size_t len, int64_t *t)
{
	int month, day, seconds;
	int64_t at;

	if (len < SYSLOG_LEN || line[3] != ' ' || line[6] != ' ' ||
	    (month = month_of(line)) == 0 ||
	    (seconds = time_of_day(line + 7)) < 0)
		return 0;
	day = line[4] == ' ' ? number(line + 5, 1) : number(line + 4, 2);
	if (day < 1 || day > 31)
		return 0;
	at = (days_before(l->year, month) + day - 1) * DAY + seconds;
	if (at - l->last > 183 * DAY && l->year > 1970)
		l->year--;
	else if (l->last - at > 183 * DAY && l->year < 9999)
		l->year++;
	*t = (days_before(l->year, month) + day - 1) * DAY + seconds;
	return SYSLOG_LEN;
}

/* "+01:00", "+0100" or "Z" to seconds; the length, 0 if it is none of them. */
static size_t
zone_offset(const char *text, size_t len, int *offset)
{
	bool colon = len > 3 && text[3] == ':';
	size_t n = colon ? 6 : 5;
	int h, m;

	*offset = 0;
	if (len > 0 && text[0] == 'Z')
		return 1;
	if (len < n || (text[0] != '+' && text[0] != '-'))
		return 0;
	h = number(text + 1, 2);
	m = number(text + n - 2, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return 0;
	*offset = (h * 3600 + m * 60) * (text[0] == '-' ? -1 : 1);
	return n;
}

#define RFC3339_LEN 19 /* "2026-11-22T14:01:59", then fraction and zone */

static size_t
rfc3339_time(struct logtime *l, const char *line, size_t len, int64_t *t)
{
	int year, month, day, seconds, offset;
	size_t at = RFC3339_LEN, zone;

	if (len < RFC3339_LEN || line[4] != '-' || line[7] != '-' ||
	    line[10] != 'T' || (seconds = time_of_day(line + 11)) < 0)
		return 0;
	year = number(line, 4);
	month = number(line + 5, 2);
	day = number(line + 8, 2);
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31)
		return 0;
	if (at < len && line[at] == '.')
		for (at++; at < len && line[at] >= '0' && line[at] <= '9';)
			at++;
	zone = zone_offset(line + at, len - at, &offset);
	if (zone == 0)
		return 0;
	l->year = year;
	*t = (days_before(year, month) + day - 1) * DAY + seconds - offset;
	return at + zone;
}

size_t
logtime_read(struct logtime *l, const char *line, size_t len, int64_t *t)
{
	size_t n;

	if (len > 0 && line[0] >= '0' && line[0] <= '9')
		n = rfc3339_time(l, line, len, t);
	else
		n = syslog_time(l, line, len, t);
	if (n > 0)
		l->last = *t;
	return n;
}
