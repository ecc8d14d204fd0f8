/*
 * note: what an administrator should know about a record.
 */
#include "spf/note.h"

#include "base/name.h"

static const struct {
	const char *keyword;
	const char *what;
	const char *done;
} texts[NOTE_KINDS] = {
    [NOTE_FAILED] = {"failed", "lookup failed", "matches nothing"},
    [NOTE_STALE] = {"stale", "lookup failed", "using a saved answer"},
    [NOTE_NO_NAME] = {"no-record", "no such domain", "matches nothing"},
    [NOTE_NO_RECORD] = {"no-record", "no SPF record is published",
	"matches nothing"},
    [NOTE_ALMOST] = {"no-record",
	"a TXT record looks like SPF but does not begin with \"v=spf1 \"",
	"ignored"},
    [NOTE_TWO_RECORDS] = {"two-records", "more than one SPF record",
	"permits what any of them permits"},
    [NOTE_SYNTAX] = {"syntax", "syntax error", "left out"},
    [NOTE_BAD_NAME] = {"bad-name", "expands to an invalid domain name",
	"matches nothing"},
    [NOTE_CLIENT] = {"not-enumerable",
	"depends on the client, cannot be "
	"enumerated",
	"matches nothing"},
    [NOTE_CLIENT_WIDER] = {"not-enumerable",
	"depends on the client, cannot "
	"be enumerated",
	"matches nothing, so the table may permit too much"},
    [NOTE_VOID] = {"void", "nothing found", "matches nothing"},
    [NOTE_LOOP] = {"loop", "the record includes itself", "matches nothing"},
    [NOTE_LIMIT] = {"limit", "limit exceeded", "the rest is left out"},
    [NOTE_PERMERROR] = {"permerror", "permerror",
	"addresses that reach this term are not permitted"},
    [NOTE_TOO_WIDE] = {"too-wide", "wider than", "left out"},
    [NOTE_RESERVED] = {"reserved", "addresses that are not globally reachable",
	"these are left out"},
    [NOTE_COVERAGE] = {"coverage", "permits too many addresses", "left out"},
    [NOTE_NETWORKS] = {"networks", "needs too many networks", "left out"},
};

bool
note_needs_client(const struct note *n)
{
	return n->kind == NOTE_CLIENT || n->kind == NOTE_CLIENT_WIDER;
}

bool
note_is_serious(enum note_kind kind)
{
	return kind == NOTE_LIMIT || kind == NOTE_COVERAGE ||
	       kind == NOTE_NETWORKS;
}

const char *
note_keyword(enum note_kind kind)
{
	return texts[kind].keyword;
}

void
note_to_text(struct buf *b, const struct note *n)
{
	name_to_text(b, n->owner);
	buf_puts(b, ": ");
	if (n->term != NULL)
		buf_printf(b, "%s: ", n->term);
	buf_puts(b, texts[n->kind].what);
	if (n->kind == NOTE_TOO_WIDE)
		buf_printf(b, " %s", n->detail);
	else
		buf_printf(b, " (%s)", n->detail);
	buf_printf(b, "; %s [%s]", texts[n->kind].done, texts[n->kind].keyword);
}
