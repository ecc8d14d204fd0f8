/*
 * value: the values of parameters, from the text that an administrator writes.
 */
#include "value.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/name.h"
#include "dns/server.h"

/*
 * Reads the number at *text and moves *text after it. Returns 0, or -1 if there
 * is none or it is too large.
 */
static int
read_digits(const char **text, uint64_t *v)
{
	const char *p = *text;

	for (*v = 0; *p >= '0' && *p <= '9'; p++) {
		if (*v > UINT64_MAX / 10 - 1)
			return -1;
		*v = *v * 10 + (uint64_t)(*p - '0');
	}
	if (p == *text)
		return -1;
	*text = p;
	return 0;
}

static int
read_number(const char *text, uint64_t *v)
{
	if (read_digits(&text, v) == -1)
		return -1;
	return *text == '\0' ? 0 : -1;
}

/* A time in milliseconds; without a unit, the text is in seconds. */
static int
read_milliseconds(const char *text, uint64_t *v)
{
	static const struct {
		const char *name;
		uint64_t ms;
	} units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000},
	    {"h", 3600000}, {"d", 86400000}, {"w", 604800000}};

	if (read_digits(&text, v) == -1)
		return -1;
	for (size_t i = 0; i < COUNT(units); i++) {
		if (strcmp(text, units[i].name) != 0)
			continue;
		if (*v > UINT64_MAX / units[i].ms)
			return -1;
		*v *= units[i].ms;
		return 0;
	}
	return -1;
}

static int
read_seconds(const char *text, uint64_t *v)
{
	if (read_milliseconds(text, v) == -1 || *v % 1000 != 0)
		return -1;
	*v /= 1000;
	return 0;
}

/* A percentage in millionths. */
static int
read_share(const char *text, uint64_t *v)
{
	uint64_t decimal = 1000;

	if (read_digits(&text, v) == -1 || *v > UINT64_MAX / 10000 - 1)
		return -1;
	*v *= 10000;
	if (*text == '.') {
		do {
			text++;
			if (*text < '0' || *text > '9' || decimal == 0)
				return -1;
			*v += (uint64_t)(*text - '0') * decimal;
			decimal /= 10;
		} while (text[1] != '%' && text[1] != '\0');
		text++;
	}
	return strcmp(text, "%") == 0 ? 0 : -1;
}

/* Names of hosts: letters, digits, hyphens and dots. */
static int
check_names(const char *text)
{
	static const char of_hosts[] = "abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789-.";
	uint8_t wire[NAME_MAX_WIRE];
	size_t n;

	while (*(text += strspn(text, BLANKS)) != '\0') {
		n = strcspn(text, BLANKS);
		if (strspn(text, of_hosts) != n ||
		    name_from_text(text, n, wire) != 0)
			return -1;
		text += n;
	}
	return 0;
}

const char *
value_word(enum value_type type, size_t number)
{
	static const char *const yes_no[] = {[false] = "no", [true] = "yes"};
	static const char *const layouts[] = {[LAYOUT_AUTO] = "auto",
	    [LAYOUT_FLAT] = "flat",
	    [LAYOUT_INDEXED] = "indexed"};

	switch (type) {
	case VALUE_YES_NO:
		return number < COUNT(yes_no) ? yes_no[number] : NULL;
	case VALUE_LAYOUT:
		return number < COUNT(layouts) ? layouts[number] : NULL;
	default:
		return NULL;
	}
}

static int
read_word(enum value_type type, const char *text, uint64_t *v)
{
	const char *word;

	for (*v = 0; (word = value_word(type, *v)) != NULL; ++*v)
		if (strcasecmp(text, word) == 0)
			return 0;
	return -1;
}

static int
read_type(enum value_type type, const char *text, uint64_t *v)
{
	switch (type) {
	case VALUE_TEXT:
		return 0;
	case VALUE_PATH:
		return *text != '\0' ? 0 : -1;
	case VALUE_SERVERS:
		return servers_add_list(&(struct servers){0}, text);
	case VALUE_NAMES:
		return check_names(text);
	case VALUE_NUMBER:
		return read_number(text, v);
	case VALUE_MILLISECONDS:
		return read_milliseconds(text, v);
	case VALUE_SECONDS:
		return read_seconds(text, v);
	case VALUE_SHARE:
		return read_share(text, v);
	case VALUE_YES_NO:
	case VALUE_LAYOUT:
		return read_word(type, text, v);
	}
	return -1;
}

int
value_read(const struct value_kind *kind, const char *text, uint64_t *number)
{
	uint64_t min = 0, max = 0;

	if (read_type(kind->type, text, number) == -1)
		return -1;
	if (kind->min == NULL)
		return 0;
	read_type(kind->type, kind->min, &min);
	read_type(kind->type, kind->max, &max);
	return *number >= min && *number <= max ? 0 : -1;
}

bool
value_is_text(enum value_type type)
{
	return type <= VALUE_NAMES;
}

void
value_expected(struct buf *b, const struct value_kind *kind)
{
	const char *min = kind->min, *max = kind->max;

	switch (kind->type) {
	case VALUE_TEXT:
		break;
	case VALUE_PATH:
		buf_puts(b, "a path");
		break;
	case VALUE_SERVERS:
		buf_printf(b, "ADDRESS or ADDRESS@PORT, at most %d of them",
		    SERVERS_MAX);
		break;
	case VALUE_NAMES:
		buf_puts(b, "names of hosts");
		break;
	case VALUE_NUMBER:
		buf_printf(b, "a number from %s to %s", min, max);
		break;
	case VALUE_MILLISECONDS:
		buf_printf(b,
		    "a time from %s to %s, such as 500ms, 2s, 10m or 1h", min,
		    max);
		break;
	case VALUE_SECONDS:
		buf_printf(b,
		    "a time from %s to %s, such as 90s, 10m, 12h, 14d or 2w",
		    min, max);
		break;
	case VALUE_SHARE:
		buf_printf(b,
		    "a share from %s to %s with its %% sign and at most four "
		    "decimals",
		    min, max);
		break;
	case VALUE_YES_NO:
		buf_puts(b, "yes or no");
		break;
	case VALUE_LAYOUT:
		buf_puts(b, "auto, flat or indexed");
		break;
	}
}
