/*
 * postcmd: runs the programs of Postfix that answer questions.
 */
#include "postcmd.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/child.h"
#include "base/memory.h"

#define SECONDS_MAX 10 /* that a program may run */
#define SAMPLED 5000   /* networks that a table is asked about */

/*
 * Runs a program with these words. Returns its output, which the caller frees,
 * or NULL.
 */
static char *
run(char **words, const char *input, struct buf *err)
{
	struct buf out, why;
	struct child c = {
	    .seconds = SECONDS_MAX, .input = input, .out = &out, .err = err};

	buf_init(&out);
	buf_init(&why);
	buf_puts(&out, "");
	buf_puts(err, "");
	if (child_run(&c, words, &why) != 0) {
		if (!c.started || c.status == -1)
			buf_printf(err, "%s", why.data);
		buf_clear(&out);
	}
	buf_clear(&why);
	return out.data;
}

/* Appends a word to NULL-terminated ones. */
static char **
add_word(char **words, const char *word)
{
	size_t n = 0;

	while (words[n] != NULL)
		n++;
	words = xreallocarray(words, n + 2, sizeof(*words));
	words[n] = xstrdup(word);
	words[n + 1] = NULL;
	return words;
}

static void
free_words(char **words)
{
	for (size_t i = 0; words[i] != NULL; i++)
		free(words[i]);
	free(words);
}

/* The words of a command, which free_words() frees. */
static char **
command_words(const char *command)
{
	char **given = child_words(command);
	char **words = xcalloc(1, sizeof(*words));

	for (size_t i = 0; given[i] != NULL; i++)
		words = add_word(words, given[i]);
	free(given);
	return words;
}

/* Adds the last line of a program's complaints. */
static void
add_complaint(struct buf *b, const struct buf *err)
{
	size_t end = err->len, start;

	while (end > 0 && strchr(" \t\r\n", err->data[end - 1]) != NULL)
		end--;
	start = end;
	while (start > 0 && err->data[start - 1] != '\n')
		start--;
	buf_puts(b, "");
	buf_add_escaped(b, err->data + start, end - start, SHOWN_MAX);
}

char *
postcmd_postconf(const char *command, const char *option,
    const struct postfix_service *service, const char *const *names,
    struct buf *why)
{
	char **words = add_word(command_words(command), option), *out;
	struct buf err;

	for (size_t i = 0; service != NULL && i < service->n; i++) {
		words = add_word(words, "-o");
		words = add_word(words, service->overrides[i]);
	}
	for (; names != NULL && *names != NULL; names++)
		words = add_word(words, *names);
	buf_init(&err);
	out = run(words, NULL, &err);
	if (out == NULL)
		add_complaint(why, &err);
	buf_clear(&err);
	free_words(words);
	return out;
}

/* The addresses to ask about: the first of each network, and the last. */
static void
add_samples(struct buf *b, const struct net *nets, size_t n)
{
	char text[NET_STRLEN];
	size_t step = n / SAMPLED + 1;

	buf_puts(b, "");
	for (size_t i = 0; i < n; i += step) {
		struct range r = net_range(&nets[i]);

		buf_printf(
		    b, "%s\n", addr_to_text(nets[i].family, &r.first, text));
		if (addr_cmp(&r.first, &r.last) != 0)
			buf_printf(b, "%s\n",
			    addr_to_text(nets[i].family, &r.last, text));
	}
}

/*
 * Counts the answers, "ADDRESS<tab>RESULT" lines, that begin with that word.
 * *example: the first of these addresses, to be freed.
 */
static size_t
count_answers(const char *text, const char *action, char **example)
{
	size_t n = 0, len = strlen(action);

	*example = NULL;
	for (; *text != '\0'; text += strcspn(text, "\n"), text += *text != 0) {
		size_t address = strcspn(text, "\t\n");
		const char *word = text + address + (text[address] == '\t');

		word += strspn(word, " ");
		if (strncasecmp(word, action, len) != 0 ||
		    strchr(" \t,\n", word[len]) == NULL)
			continue;
		if (n++ == 0)
			*example = xstrndup(text, address);
	}
	return n;
}

bool
postcmd_postmap(const struct postcmd_question *q,
    struct postcmd_answers *answers, struct buf *why)
{
	const char *dir = q->command_directory;
	char *postmap =
	    xasprintf("%s/postmap", dir != NULL ? dir : "/usr/sbin");
	const char *const all[] = {
	    postmap, "-c", q->config_directory, "-q", "-", q->table};
	char **words = xcalloc(1, sizeof(*words)), *out;
	struct buf input, err;
	bool usable;

	for (size_t i = 0; i < COUNT(all); i++)
		words = add_word(words, all[i]);
	buf_init(&input);
	buf_init(&err);
	add_samples(&input, q->nets, q->n);
	out = run(words, input.len > 0 ? input.data : "192.0.2.1\n", &err);
	*answers = (struct postcmd_answers){0};
	if (out != NULL)
		answers->n = count_answers(out, q->action, &answers->example);
	/* postmap also exits with 1 if it finds nothing. */
	usable = out != NULL || err.len == 0;
	if (!usable)
		add_complaint(why, &err);
	free(out);
	free(postmap);
	free_words(words);
	buf_clear(&input);
	buf_clear(&err);
	return usable;
}
