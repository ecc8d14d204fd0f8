/*
 * logtime: the time stamps of log lines.
 *
 * A stamp is a date, a time of day, and perhaps a zone; or seconds since 1970.
 */
#include "maillog/logtime.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#define DAY INT64_C(86400)
#define HALF_YEAR (183 * DAY)

/*
 * The abbreviations of months in the locales of many languages, in lower case
 * as far as they are ASCII. Where two languages disagree, neither is here.
 */
static const char *const months[12] = {
    " jan ene gen ian janv jaan oca sty led tammi янв Янв січ яну ιαν Ιαν јан "
    "1月 1월 ",
    " feb fev févr febr fév lut úno helmi Şub şub veebr фев Фев лют φεβ Φεβ "
    "феб "
    "2月 2월 ",
    " mar mär mrz mars mrt márc märz bře maalis märts març мар Мар бер μαρ Μαρ "
    "3月 3월 ",
    " apr abr avr avril ápr kwi dub huhti nis april апр Апр кві απρ Απρ "
    "4月 4월 ",
    " mai may mei mag maj máj kvě touko maig мая май Мая Май тра Μαΐ мај "
    "5月 5월 ",
    " jun jún giu juin cze čen kesä haz iun juni juny juuni jūn июн Июн чер "
    "юни "
    "Ιουν јун 6月 6월 ",
    " jul júl lug juil lip čec heinä tem iul juli juuli jūl июл Июл лип юли "
    "Ιουλ јул 7月 7월 ",
    " aug ago août aoû sie srp elo ağu Ağu avg ag авг Авг сер αυγ Αυγ 8月 8월 ",
    " sep set sept szept wrz zář syys eyl сен Сен вер сеп σεπ Σεπ 9月 9월 ",
    " oct okt ott out paź říj loka eki окт Окт жов οκτ Οκτ 10月 10월 ",
    " nov lis marras kas noi ноя Ноя лис ное νοε Νοε нов 11月 11월 ",
    " dec dez dic dis déc dets gru pro joulu ara des дек Дек гру δεκ Δεκ дец "
    "12月 12월 ",
};

void
logtime_init(struct logtime *l, int64_t now)
{
	/* As if a line half a year old went before: the year nearest to that
	 * puts the first time stamp between a year ago and tomorrow. */
	*l = (struct logtime){.last = now + DAY - HALF_YEAR};
}

/* The text that is still to be read. */
struct cursor {
	const char *at, *end;
};

static size_t
left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

/* The number at the start, of min to max digits; -1 if there is none. */
static int
number(struct cursor *c, size_t min, size_t max)
{
	size_t n = 0;
	int value = 0;

	while (n < max && n < left(c) && c->at[n] >= '0' && c->at[n] <= '9')
		value = value * 10 + c->at[n++] - '0';
	if (n < min)
		return -1;
	c->at += n;
	return value;
}

static bool
skip(struct cursor *c, char expected)
{
	if (c->at == c->end || *c->at != expected)
		return false;
	c->at++;
	return true;
}

static void
skip_spaces(struct cursor *c)
{
	while (skip(c, ' '))
		;
}

/* "hh:mm:ss", perhaps with a fraction, to seconds, or -1. */
static int
time_of_day(struct cursor *c)
{
	int h, m, s;

	if ((h = number(c, 2, 2)) < 0 || h > 23 || !skip(c, ':') ||
	    (m = number(c, 2, 2)) < 0 || m > 59 || !skip(c, ':') ||
	    (s = number(c, 2, 2)) < 0 || s > 60) /* a leap second */
		return -1;
	if (left(c) > 1 && (*c->at == '.' || *c->at == ',') &&
	    c->at[1] >= '0' && c->at[1] <= '9')
		for (c->at++; c->at < c->end && *c->at >= '0' && *c->at <= '9';)
			c->at++;
	return h * 3600 + m * 60 + s;
}

/* The month whose name is at the start, 0 to 11, or -1. */
static int
month_name(struct cursor *c)
{
	char word[16] = " ";
	size_t n = 0;

	while (n < sizeof(word) - 3 && n < left(c) && c->at[n] != ' ' &&
	       c->at[n] != '.') {
		char b = c->at[n];

		word[++n] = (char)(b >= 'A' && b <= 'Z' ? b | 32 : b);
	}
	if (n < 2 || n == left(c) || (c->at[n] != ' ' && c->at[n] != '.'))
		return -1;
	word[n + 1] = ' ';
	word[n + 2] = '\0';
	for (int i = 0; i < 12; i++)
		if (strstr(months[i], word) != NULL) {
			c->at += n + (c->at[n] == '.');
			return i;
		}
	return -1;
}

static int64_t
midnight(int year, int month, int day)
{
	struct tm tm = {
	    .tm_year = year - 1900, .tm_mon = month, .tm_mday = day};

	return (int64_t)timegm(&tm);
}

/* The midnight of a date without a year. */
static int64_t
nearest(const struct logtime *l, int month, int day)
{
	time_t last = (time_t)l->last;
	struct tm tm = {0};
	int64_t t;
	int year;

	gmtime_r(&last, &tm);
	year = tm.tm_year + 1900;
	t = midnight(year, month, day);
	if (t - l->last > HALF_YEAR && year > 1970)
		return midnight(year - 1, month, day);
	if (l->last - t > HALF_YEAR && year < 9999)
		return midnight(year + 1, month, day);
	return t;
}

/* "Nov 22", "Nov 22 2026" */
static bool
date_by_name(const struct logtime *l, struct cursor *c, int year, int64_t *t)
{
	int month, day;
	struct cursor more;

	skip_spaces(c); /* some locales fill "1" to two places */
	month = month_name(c);
	if (month < 0 || !skip(c, ' '))
		return false;
	skip_spaces(c);
	day = number(c, 1, 2);
	if (day < 1 || day > 31)
		return false;
	more = *c;
	if (year < 0 && skip(&more, ' ') &&
	    (year = number(&more, 4, 4)) >= 1970 && more.at < more.end &&
	    *more.at == ' ')
		*c = more;
	*t = year >= 1970 ? midnight(year, month, day) : nearest(l, month, day);
	return true;
}

/* "2026-11-22", "2026/11/22", "2026 Nov 22" */
static bool
date_with_year(const struct logtime *l, struct cursor *c, int64_t *t)
{
	int year = number(c, 4, 4), month, day;
	char mark = (char)(c->at < c->end ? *c->at : '\0');

	if (year < 1970)
		return false;
	if (mark == ' ')
		return skip(c, ' ') && date_by_name(l, c, year, t);
	if ((mark != '-' && mark != '/') || !skip(c, mark) ||
	    (month = number(c, 2, 2)) < 1 || month > 12 || !skip(c, mark) ||
	    (day = number(c, 2, 2)) < 1 || day > 31)
		return false;
	*t = midnight(year, month - 1, day);
	return true;
}

/* The date at the start, with a cache of the last one. */
static bool
read_date(struct logtime *l, struct cursor *c)
{
	const char *from = c->at;
	size_t n = l->ndate;
	int64_t t;

	if (n > 0 && left(c) > n && (from[n] == ' ' || from[n] == 'T') &&
	    memcmp(from, l->date, n) == 0) {
		c->at += n;
		return true;
	}
	if (left(c) > 5 && from[0] >= '0' && from[0] <= '9' && from[3] >= '0' &&
	    from[3] <= '9') {
		if (!date_with_year(l, c, &t))
			return false;
	} else if (!date_by_name(l, c, -1, &t)) {
		return false;
	}
	n = (size_t)(c->at - from);
	l->ndate = n <= sizeof(l->date) ? n : 0;
	memcpy(l->date, from, l->ndate);
	l->day = t;
	return true;
}

/* "+01:00", "+0100", "+01", "Z", " UTC", " +0100" to seconds. */
static int
read_zone(struct cursor *c)
{
	struct cursor z = *c;
	int sign, h, m = 0;

	if (skip(c, 'Z'))
		return 0;
	skip(&z, ' ');
	if (left(&z) >= 3 &&
	    (memcmp(z.at, "UTC", 3) == 0 || memcmp(z.at, "GMT", 3) == 0) &&
	    (left(&z) == 3 || z.at[3] == ' ')) {
		c->at = z.at + 3;
		return 0;
	}
	sign = skip(&z, '-') ? -1 : skip(&z, '+') ? 1 : 0;
	if (sign == 0 || (h = number(&z, 2, 2)) < 0 || h > 23)
		return 0;
	if (skip(&z, ':') || (z.at < z.end && *z.at != ' '))
		if ((m = number(&z, 2, 2)) < 0 || m > 59)
			return 0;
	*c = z;
	return sign * (h * 3600 + m * 60);
}

/* The zone's name after the time, if the line begins with a weekday. */
static void
skip_zone_name(struct cursor *c)
{
	size_t n = 1;

	if (left(c) < 2 || *c->at != ' ')
		return;
	while (n < left(c) && n < 7 && c->at[n] >= 'A' && c->at[n] <= 'Z')
		n++;
	if (n > 2 && n < left(c) && c->at[n] == ' ')
		c->at += n;
}

/* A word of letters and a space before a date: a weekday. */
static bool
skip_weekday(struct cursor *c)
{
	size_t n = 0;

	while (n < left(c) && n < 12 && c->at[n] != ' ')
		n++;
	if (n < 2 || n + 1 >= left(c) || c->at[n] != ' ' ||
	    (c->at[0] >= '0' && c->at[0] <= '9'))
		return false;
	c->at += n + 1;
	return true;
}

/* "1795341600.123456" */
static bool
read_unix(struct cursor *c, int64_t *t)
{
	size_t n = 0;

	for (*t = 0;
	     n < left(c) && n < 11 && c->at[n] >= '0' && c->at[n] <= '9';)
		*t = *t * 10 + c->at[n++] - '0';
	if (n < 9 || n == left(c) || (c->at[n] != '.' && c->at[n] != ' '))
		return false;
	if (c->at[n] == '.')
		for (n++; n < left(c) && c->at[n] >= '0' && c->at[n] <= '9';)
			n++;
	c->at += n;
	return true;
}

static bool
read_stamp(struct logtime *l, struct cursor *c, int64_t *t)
{
	struct cursor start = *c;
	bool weekday = false;
	int seconds;

	if (!read_date(l, c)) {
		*c = start;
		if (read_unix(c, t))
			return true;
		*c = start;
		weekday = skip_weekday(c);
		if (!weekday || !read_date(l, c))
			return false;
	}
	if (!skip(c, ' ') && !skip(c, 'T'))
		return false;
	seconds = time_of_day(c);
	if (seconds < 0) {
		l->ndate = 0;
		return false;
	}
	*t = l->day + seconds;
	if (c->at < c->end && *c->at == ' ' &&
	    !(start.at[0] >= '0' && start.at[0] <= '9') && !weekday)
		return true;
	*t -= read_zone(c);
	if (weekday)
		skip_zone_name(c);
	return true;
}

size_t
logtime_read(struct logtime *l, const char *text, size_t len, int64_t *t)
{
	struct cursor c = {text, text + len};
	int64_t found;

	if (!read_stamp(l, &c, &found) || (c.at < c.end && *c.at != ' '))
		return 0;
	*t = l->last = found;
	return (size_t)(c.at - text);
}
