# Reads what other tools were configured with. No input is ever run.
#
#   awk -f common.awk -f conf.awk -f cidr.awk -f read.awk FILE ...
#
# A file is one of
#   conf   NAME=VALUE, as the shell reads it (postwhite, postallow); conf.awk
#   cidr   NETWORK ACTION, see cidr_table(5); cidr.awk
#   list   one or several a line: terms of SPF (spf-tools), names of domains,
#          networks (postgrey)
#   main   main.cf, of which postscreen_access_list names tables; cidr.awk
# by its first lines. On stdout, separated by tabs:
#   permit|reject  TERM  FILE  LINE  COMMENT
#       a line for a domain list
#   rule  KEY  NUMBER  TABLE  ACTION  MADE  NETWORK  FILE  LINE  COMMENT
#       a rule of a table that exists; MADE 1 if a program wrote it, ACTION stop
#       if postscreen ends its access list there
#   set  NAME  VALUE
#       reload: yes or no; replaced: all, or a packaged list that is not wanted;
#       blocking: yes if a tool made a table of rejected senders
# On stderr, with file and line, what could not be carried over.

BEGIN {
	for (argument = 1; argument < ARGC; argument++)
		given[ARGV[argument]] = 1
	for (argument = 1; argument < ARGC; argument++)
		if (!(ARGV[argument] in done))
			read_file(ARGV[argument], "permit")
	end_of_messages()
}

function emit(action, what, comment) {
	print action "\t" what "\t" FILE "\t" LINE "\t" comment
}

# ---- files ----

function next_line() {
	if ((getline text <PATH) <= 0)
		return 0
	LINE++
	sub(/\r$/, "", text)
	return 1
}

# read_file(PATH, ACTION): a file whose names are to be permitted, or rejected.
# Files that it names are read while it is.
function read_file(path, action,    kind, saved_path, saved_file, saved_line) {
	kind = kind_of_file(path)
	done[path] = 1
	saved_path = PATH
	saved_file = FILE
	saved_line = LINE
	PATH = path
	FILE = shown(path)
	LINE = 0
	if (kind == "conf")
		conf_file(path)
	else if (kind == "cidr")
		cidr_file()
	else if (kind == "main")
		main_file(path)
	else
		list_file(action)
	close(path)
	PATH = saved_path
	FILE = saved_file
	LINE = saved_line
}

# migrate puts ./ before a relative name; messages do without.
function shown(path) {
	sub(/^[.]\//, "", path)
	return path
}

# A network alone on its line is in lists, and a mistake in tables: the lines
# after it tell. A script's first line is a comment.
function kind_of_file(path,    n, line, kind) {
	kind = path ~ /[.]cidr$/ ? "cidr" : path ~ /\/main[.]cf$/ ? "main" : ""
	for (n = 0; n < 500 && kind == "" && (getline line <path) > 0; n++) {
		sub(/\r$/, "", line)
		if (n == 0 && line ~ /^#!.*sh/)
			kind = "conf"
		else if (line !~ /^[ \t]*(#|$)/)
			kind = kind_of(line)
	}
	close(path)
	return kind
}

function kind_of(line) {
	if (line ~ /^[ \t]*[-+~?]?([iI][pP][46]|[aA]|[mM][xX]|include):/ ||
	    line ~ /^[ \t]*"?v=spf1/)
		return "list"
	if (line ~ /^[ \t]*([a-z]+[ \t]+)?[A-Za-z_][A-Za-z0-9_]*[+]?=/ ||
	    line ~ /^[ \t]*([.]|source)[ \t]/)
		return "conf"
	if (tolower(line) ~ /^(if[^a-z0-9]|endif|!|\[|[0-9.]+(\/[0-9]+)?[ \t]+[^# \t]|[0-9a-f]*:[0-9a-f.:]*(\/[0-9]+)?[ \t]+[^# \t])/)
		return "cidr"
	sub(/^[ \t]+/, "", line)
	sub(/[ \t].*/, "", line)
	return line ~ /^\/.*\/$/ || domain(line) ? "list" : ""
}

# readable(PATH): is it a file that can be read?
function readable(path,    n, i, part, quoted) {
	if (path == "" || path ~ /[\001-\037\177]/)
		return 0
	n = split(path, part, "'")
	quoted = part[1]
	for (i = 2; i <= n; i++)
		quoted = quoted "'\\''" part[i]
	return system("test -f '" quoted "' && test -r '" quoted "'") == 0
}

# ---- lists ----

function list_file(action) {
	postgrey = 0
	while (next_line()) {
		if (tolower(text) ~ /^#.*postgrey/)
			is_postgrey()
		sub(/#.*/, "", text)
		if (text ~ /[^ \t]/)
			list_line(text, action)
	}
}

function is_postgrey() {
	if (!postgrey)
		say(FILE, LINE, "postgrey looks for these names in the name of " \
		    "the client; here they are domains, and their SPF records " \
		    "say whom they permit")
	postgrey = 1
}

# A word of another kind after the first makes it a line of an access table, say:
# nothing of it is taken. Terms of SPF stand for themselves.
function list_line(line, action,    n, i, word, what) {
	n = split(line, word, /[ \t",;]+/)
	for (i = 2; i <= n; i++)
		if (word[i] != "" && !is_term(word[1]) && !is_term(word[i]) &&
		    !network(word[i]) && !domain(word[i])) {
			say(FILE, LINE, "not carried over, expected only domains " \
			    "and networks: " line)
			return
		}
	for (i = 1; i <= n; i++) {
		if (word[i] == "" || word[i] ~ /^(v=spf1|[-~?]all)$/)
			continue
		what = list_word(word[i])
		if (what != "")
			emit(action, what)
	}
}

function is_term(word) {
	return word == "" || \
	    word ~ /^([-+~?]?(ip[46]|a|mx|include|exists)[:\/]|redirect=|exp=|v=spf1$)/
}

# list_word(WORD): as a domain list has it, "" if it is not carried over.
function list_word(word,    name, value) {
	if (word ~ /[*^$|()\\]/ || word ~ /^\// || word ~ /^[.]/) {
		if (word ~ /^\/.*\/$/)
			is_postgrey()
		say(FILE, LINE, "not carried over, a pattern for names of " \
		    "clients: " word)
		return ""
	}
	if (network(word) || word ~ /^\[.*\]$/ &&
	    network(substr(word, 2, length(word) - 2)))
		return as_written(word, KEY)
	if (word ~ /^[0-9]+[.][0-9]+([.][0-9]+)?[.]?$/)
		return part_of_address(word)
	if (domain(word))
		return tolower(word)
	sub(/^[+]/, "", word)
	name = tolower(word)
	sub(/:.*/, "", name)
	value = substr(word, length(name) + 2)
	if (name ~ /^ip[46]$/ && network(value) && FAMILY == substr(name, 3))
		return as_written(value, KEY)
	if (name ~ /^(include|a|mx)$/ && domain(value))
		return name ":" value
	say(FILE, LINE, "expected a domain, a network or ip4:NETWORK, not: " word)
	return ""
}

# What postgrey makes of the start of an address: a /24, whatever is missing.
function part_of_address(word,    net) {
	net = word
	sub(/[.]$/, "", net)
	net = net (net ~ /[.].*[.]/ ? ".0/24" : ".0.0/24")
	if (!network(net)) {
		say(FILE, LINE, "expected a network, not: " word)
		return ""
	}
	if (word !~ /[.].*[.][0-9]/)
		say(FILE, LINE, word ": carried over as " net ", as postgrey " \
		    "reads it; was the /16 meant?")
	return as_written(net, KEY)
}

function domain(name) {
	return length(name) < 254 && name !~ /[^-A-Za-z0-9_.]/ && \
	    name ~ /[^.][.][^.]/ && name !~ /^[-.]|[.][.]/ && \
	    name !~ /^[0-9.]*$/
}
