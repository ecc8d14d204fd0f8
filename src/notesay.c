/*
 * notesay: messages about the notes of entries.
 */
#include "notesay.h"

#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/name.h"
#include "base/say.h"
#include "base/system.h"
#include "base/text.h"

/* Whether a verdict has a note of the same text. */
static bool
has_note(const struct verdict *v, const char *text)
{
	bool found = false;
	struct buf b;

	buf_init(&b);
	for (size_t i = 0; i < v->nnotes && !found; i++) {
		b.len = 0;
		note_to_text(&b, v->notes[i]);
		found = strcmp(b.data, text) == 0;
	}
	buf_clear(&b);
	return found;
}

/*
 * Whether a note about failed lookups or saved answers is printed: a night
 * without DNS has thousands. Exclusions are counted separately, because a
 * failed exclusion stops an update and must not be lost among others. first: it
 * is the entry's first of its kind.
 */
static bool
tell_failure(
    struct notesay *s, const struct entry *e, enum note_kind kind, bool first)
{
	size_t *told = &s->told[kind][e->exclude];

	*told += first;
	return !s->few || s->o->verbose || *told <= FAILURES_SHOWN;
}

/* For how many entries tell_failure() kept silent. */
static size_t
count_untold(const struct notesay *s, enum note_kind kind)
{
	size_t n = 0;

	for (int i = 0; i < 2; i++)
		if (s->told[kind][i] > FAILURES_SHOWN)
			n += s->told[kind][i] - FAILURES_SHOWN;
	return n;
}

/* Whether something was said so often already; it counts as said once more. */
static bool
was_said(struct said *table, unsigned often, uint64_t hash)
{
	for (size_t i = 0; i < SAID_KEPT; i++) {
		struct said *at = &table[(hash + i) % SAID_KEPT];

		if (at->times == 0)
			at->hash = hash;
		if (at->hash == hash)
			return at->times++ >= often;
	}
	/* There was very much: it is said again. */
	return false;
}

/* The last two labels of a name, its "provider", or all of it. */
static const uint8_t *
provider_of(const uint8_t *name)
{
	for (unsigned n = name_labels(name); n > 2; n--)
		name += 1 + *name;
	return name;
}

/* Whether the text of a note, which begins with the owner, is about a name. */
static bool
is_about(const char *text, const char *name)
{
	size_t len = strlen(name);

	return strncasecmp(text, name, len) == 0 && text[len] == ':';
}

/*
 * Whether a note is one too many. Many entries may include the same record, or
 * records of the same provider that a macro names for each of them. So a text
 * is said once, and a provider's notes NOTES_SHOWN times. Notes of a listed
 * domain's own record do not count as its provider's, and what an exclusion
 * lacks is always said.
 */
static bool
is_repeat(struct notesay *s, const struct entry *e, const char *name,
    const struct note *n, const char *text)
{
	const uint8_t *provider = provider_of(n->owner);

	if (!s->few || s->o->verbose || e->exclude)
		return false;
	if (s->key == 0)
		random_bytes(&s->key, sizeof(s->key));
	if (!was_said(s->texts, 1, hash_text(s->key, text, strlen(text))) &&
	    (is_about(text, name) ||
		!was_said(s->providers, NOTES_SHOWN,
		    hash_text(
			s->key, (const char *)provider, name_len(provider)))))
		return false;
	s->repeats++;
	return true;
}

void
notes_say_rest(const struct notesay *s)
{
	size_t failed, stale;

	if (!s->few || s->o->verbose)
		return;
	if (s->repeats > 0)
		say(NOTE, "%zu more %s of included records (see -v)",
		    s->repeats, plural(s->repeats, "note", "notes"));
	failed = count_untold(s, NOTE_FAILED);
	stale = count_untold(s, NOTE_STALE);
	if (failed > 0)
		say(WARNING, "lookups failed for %zu more %s (see -v) [%s]",
		    failed, plural(failed, "entry", "entries"),
		    note_keyword(NOTE_FAILED));
	if (stale > 0)
		say(WARNING, "saved answers replace %zu more %s (see -v) [%s]",
		    stale, plural(stale, "entry", "entries"),
		    note_keyword(NOTE_STALE));
}

void
notes_say(struct notesay *s, const struct entry *e, const struct verdict *v,
    const struct verdict *old)
{
	bool seen[NOTE_KINDS] = {false}, repeat = false;
	struct buf name, text;

	if (v->nnotes == 0 && v->more == 0)
		return;
	buf_init(&name);
	buf_init(&text);
	entry_name(&name, e);
	for (size_t i = 0; i < v->nnotes; i++) {
		enum note_kind kind = v->notes[i]->kind;
		bool is_failure = kind == NOTE_FAILED || kind == NOTE_STALE;
		bool said;

		text.len = 0;
		note_to_text(&text, v->notes[i]);
		if (is_failure)
			said = tell_failure(s, e, kind, !seen[kind]);
		else
			said = !s->o->quiet &&
			       (old == NULL || !has_note(old, text.data));
		seen[kind] = true;
		repeat =
		    said && is_repeat(s, e, name.data, v->notes[i], text.data);
		if (said && !repeat)
			say(is_failure ? WARNING : NOTE, "%s: %s", name.data,
			    text.data);
	}
	if (v->more > 0 && !s->o->quiet && !repeat &&
	    (old == NULL || old->more != v->more))
		say(NOTE, "%s: %zu more %s", name.data, v->more,
		    plural(v->more, "note", "notes"));
	buf_clear(&name);
	buf_clear(&text);
}
