/*
 * parameters: prints what the tests compare documents and shell completions
 * with, from the program's own tables. A line each, its parts separated by
 * tabs:
 *
 *	directory	NAME	PATH, as configured
 *	parameter	NAME	DEFAULT
 *	word	PARAMETER	VALUE, of those that take words
 *	option	SPELLINGS	"argument" or nothing
 *	command	NAME	"terms" or nothing
 *	takes	COMMAND	SPELLINGS of one option
 *	format	COMMAND	NAME, of -f
 *	note	KEYWORD
 *	result	WORD, of a sender in suggest -f json
 *	status	NUMBER
 *	number	NAME	VALUE, of a constant that documents state
 */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/problems.h"
#include "base/text.h"
#include "dns/answers.h"
#include "dns/server.h"
#include "dns/tcp.h"
#include "dns/wire.h"
#include "spf/clients.h"
#include "spf/limits.h"
#include "spf/note.h"
#include "spf/spf.h"
#include "expand/losses.h"
#include "expand/schedule.h"
#include "table/lock.h"
#include "table/table.h"
#include "maillog/advice.h"
#include "maillog/logfile.h"
#include "maillog/retries.h"
#include "commands.h"
#include "conf.h"
#include "difference.h"
#include "notesay.h"
#include "options.h"
#include "pending.h"
#include "report.h"
#include "target.h"

#define NUMBER(name)        \
	{                   \
#name, name \
	}

static const struct {
	const char *name;
	long value;
} numbers[] = {
    NUMBER(ADVICE_QUERIES),
    NUMBER(ADVICE_SENDERS),
    NUMBER(CNAME_MAX),
    NUMBER(DEPTH_MAX),
    NUMBER(DIFFERENCE_ENTRIES),
    NUMBER(ENTRY_BYTES_MAX),
    NUMBER(FAILURES_SHOWN),
    NUMBER(NOTES_SHOWN),
    NUMBER(LOCK_SECONDS),
    NUMBER(LOGFILE_LINE_MAX),
    NUMBER(LOOKUPS_MAX),
    NUMBER(LOSSES_ENTRIES),
    NUMBER(MX_NAMES_MAX),
    NUMBER(NOTES_MAX),
    NUMBER(PENDING_RELOAD_SECONDS),
    NUMBER(PROBLEMS_SHOWN),
    NUMBER(QUERIES_MAX),
    NUMBER(RECORDS_MAX),
    NUMBER(REPORT_SHARES),
    NUMBER(RETRIES_ATTEMPTS),
    NUMBER(RETRIES_CLIENTS),
    NUMBER(RETRIES_CLIENTS_EACH),
    NUMBER(RETRIES_DAYS),
    NUMBER(RETRIES_DOMAINS),
    NUMBER(RETRIES_MESSAGES),
    NUMBER(RETRIES_RETURN_HOURS),
    NUMBER(RETRIES_SESSIONS),
    NUMBER(RRSET_MAX),
    NUMBER(SCHEDULE_FEW_MAX),
    NUMBER(SCHEDULE_FEW_MIN),
    NUMBER(SCHEDULE_LIGHT),
    NUMBER(SERVERS_MAX),
    NUMBER(SHOWN_MAX),
    NUMBER(SPF_RECORD_MAX),
    NUMBER(SPF_TERMS_MAX),
    NUMBER(STEPS_MAX),
    NUMBER(TABLE_RULES_FLAT),
    NUMBER(TARGET_CHANGES),
    NUMBER(TCP_CONNECTIONS),
    NUMBER(TCP_CONNECTIONS_FIRST),
    NUMBER(VOIDS_MAX),
    NUMBER(WIRE_EDNS_SIZE),
};

static void
print_spellings(const struct option_known *o)
{
	if (o->is_short)
		printf("-%c%s", o->letter, o->name != NULL ? " " : "");
	if (o->name != NULL)
		printf("--%s", o->name);
}

static void
print_options(void)
{
	struct option_known o;

	for (size_t i = 0; options_known(i, &o); i++) {
		printf("option\t");
		print_spellings(&o);
		printf("\t%s\n", o.has_argument ? "argument" : "");
	}
}

static void
print_command(const struct command *command)
{
	struct option_known o;
	const char *format;

	printf("command\t%s\t%s\n", command->name,
	    command->takes_terms ? "terms" : "");
	for (size_t i = 0; options_known(i, &o); i++) {
		if (!o.is_everywhere &&
		    strchr(command->options, o.letter) == NULL)
			continue;
		printf("takes\t%s\t", command->name);
		print_spellings(&o);
		printf("\n");
	}
	for (size_t i = 0; (format = command_format(command, i)) != NULL; i++)
		printf("format\t%s\t%s\n", command->name, format);
}

static void
print_parameters(void)
{
	const char *name, *value, *word;

	for (size_t i = 0; conf_parameter(i, &name, &value); i++) {
		printf("parameter\t%s\t%s\n", name, value);
		for (size_t k = 0; (word = conf_word(i, k)) != NULL; k++)
			printf("word\t%s\t%s\n", name, word);
	}
}

int
main(void)
{
	const struct command *command;

	printf("directory\tsysconfdir\t%s\n", SYSCONFDIR);
	printf("directory\tdatadir\t%s\n", DATADIR);
	printf("directory\tstatedir\t%s\n", STATEDIR);
	print_parameters();
	print_options();
	for (size_t i = 0; (command = command_at(i)) != NULL; i++)
		print_command(command);
	for (int kind = 0; kind < NOTE_KINDS; kind++)
		printf("note\t%s\n", note_keyword((enum note_kind)kind));
	for (int result = 0; result < ADVICE_RESULTS; result++)
		printf("result\t%s\n",
		    advice_result_text((enum advice_result)result));
	for (int status = STATUS_OK; status <= STATUS_INCOMPLETE; status++)
		printf("status\t%d\n", status);
	for (size_t i = 0; i < COUNT(numbers); i++)
		printf("number\t%s\t%ld\n", numbers[i].name, numbers[i].value);
	return 0;
}
