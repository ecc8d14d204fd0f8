# Files of shell assignments, the part of read.awk for postwhite, postallow and
# their forks. Nothing is run: plain assignments are parsed here, and what is
# none is reported. A configuration and the files that it reads share their
# names, and a later assignment replaces an earlier one, as in the shell.

BEGIN {
	# The tools' own senders, of which a kind is replaced.
	packaged["webmail_hosts"] = "webmail"
	packaged["email_hosts"] = "all"
	packaged["social_hosts"] = "social"
	packaged["commerce_hosts"] = "commerce"
	packaged["bulk_hosts"] = "bulk"
	packaged["misc_hosts"] = "misc"

	# What a value takes as it is: outside of quotes, in a list of bash, and
	# within quotes.
	literal[""] = "^[^\"'\\\\ \t;$]+"
	literal["("] = "^[^\"'\\\\ \t;$)#]+"
	literal["\""] = "^[^\"\\\\$]+"
	literal["'"] = "^[^']+"

	# postwhite 1: a sender of its own each.
	n = split("aol google gmx inbox mac mail microsoft zoho facebook " \
	    "instagram linkedin pinterest reddit tumblr twitter amazon " \
	    "craigslist ebay paypal constantcontact exacttarget icontact " \
	    "mailchimp sendgrid zendesk", name, " ")
	for (i = 1; i <= n; i++)
		toggle[name[i]] = 1

	needless["spftoolspath"] = "postpermit asks DNS itself"
	needless["postfixbinarypath"] = "reload_command is looked for in " \
	    "PATH and /usr/sbin"
	needless["simplify"] = "networks are always merged"
	needless["invalid_ip4"] = needless["invalidip4"] = \
	    needless["invalid_cidr"] = "host bits are always masked"
}

# ---- statements ----

function conf_file(path,    outer) {
	outer = conf_path
	if (outer == "") {
		conf_path = path
		forget_names()
	}
	script[path] = 0
	while (next_line()) {
		if (LINE == 1 && text ~ /^#!/ && outer == "") {
			script[path] = 1
			say(FILE, 0, "a script: only its lists of hosts are read")
		}
		if (text !~ /^[ \t]*(#|$)/)
			statement(text, path)
	}
	if (outer == "") {
		settings()
		conf_path = ""
	}
}

function forget_names(    i) {
	for (i in value_of)
		delete value_of[i]
	for (i in hosts)
		delete hosts[i]
	names = 0
}

function statement(line, path,    start, name, add, rest) {
	start = LINE
	if (script[path] && line !~ /^[a-z_]*hosts[+]?=/)
		return
	for (rest = line; rest !~ /^[ \t]*(#.*)?$/; rest = REST) {
		sub(/^[ \t]*/, "", rest)
		sub(/^(export|readonly|declare|typeset|local)[ \t]+(-[A-Za-z]+[ \t]+)*/, \
		    "", rest)
		if (rest ~ /^([.]|source)[ \t]/) {
			source_file(rest, start)
			return
		}
		if (!match(rest, /^[A-Za-z_][A-Za-z0-9_]*[+]?=/)) {
			say(FILE, start, "not carried over, only NAME=VALUE is " \
			    "read: " rest)
			return
		}
		name = substr(rest, 1, RLENGTH - 1)
		add = sub(/[+]$/, "", name)
		if (!shell_value(substr(rest, RLENGTH + 1))) {
			say(FILE, start, name ": the closing " MISSING " is missing")
			return
		}
		# NAME=VALUE COMMAND sets nothing.
		if (REST !~ /^[ \t]*(;.*|#.*|[A-Za-z_][A-Za-z0-9_]*[+]?=.*)?$/) {
			say(FILE, start, "not carried over, only NAME=VALUE is " \
			    "read: " name "=" VALUE REST)
			return
		}
		assign(name, add, VALUE, start)
		sub(/^[ \t]*;[ \t]*/, "", REST)
	}
}

# `. FILE'
function source_file(line, start,    word, name) {
	split(line, word, /[ \t;]+/)
	name = word[2]
	gsub(/["']/, "", name)
	if (++sourced <= 20 && name !~ /[$`]/)
		name = find(name)
	else
		name = ""
	if (name == "" || name in done)
		say(FILE, start, "not read: " line)
	else
		read_file(name, "permit")
}

# ---- values ----

# shell_value(LINE): the value at its start, which takes as many further lines
# as its quotes do. Sets VALUE and REST, or MISSING. Values can be megabytes:
# only short strings are cut and appended to in each step. A $ that the shell
# leaves alone comes behind a \001.
function shell_value(line,    quote, array, c, n, at, bite) {
	value_head = value_tail = quote = bite = ""
	array = substr(line, 1, 1) == "(" ? "(" : ""
	at = array == "" ? 1 : 2
	for (;;) {
		if (length(bite) < 300) {
			bite = bite substr(line, at, 1000)
			at += 1000
		}
		if (bite quote array == "")
			break
		if (bite == "" || bite == "\\" && quote != "'") {
			bite = ""
			if (next_line()) {
				append("\n")
				line = text
				at = 1
			} else if (quote array != "") {
				MISSING = quote == "" ? ")" : quote
				return 0
			}
			continue
		}
		c = substr(bite, 1, 1)
		if (quote == "" && c ~ (array == "" ? "[ \t;]" : "[)]"))
			break
		if (quote == "" && c == "#" && array != "") {
			bite = ""
			at = length(line) + 1
			continue
		}
		n = piece_of_value(bite, c, quote, array)
		if (c == quote)
			quote = ""
		else if (quote == "" && (c == "\"" || c == "'"))
			quote = c
		bite = substr(bite, n + 1)
	}
	VALUE = value_head value_tail
	REST = substr(bite, array == "" ? 1 : 2) substr(line, at)
	if (array != "")
		say(FILE, LINE, "an array: the old tool used at most its first " \
		    "name; all of them are carried over")
	return 1
}

# How much of it is taken, appended to the value.
function piece_of_value(bite, c, quote, array,    piece, name) {
	if (c == quote || quote == "" && (c == "\"" || c == "'"))
		return 1
	if (c == "\\" && quote != "'") {
		piece = substr(bite, 2, 1)
		append(piece == "$" ? "\001$" : piece)
		return 2
	}
	if (c == "$" && quote != "'") {
		if (!match(bite, /^[$]([A-Za-z_][A-Za-z0-9_]*|[{][A-Za-z_][A-Za-z0-9_]*[}])/)) {
			append("$")
			return 1
		}
		name = substr(bite, 2, RLENGTH - 1)
		gsub(/[{}]/, "", name)
		append(name in value_of ? value_of[name] : "${" name "}")
		match(bite, /^[$][{]?[A-Za-z0-9_]*[}]?/)
		return bite ~ /^[$][{]/ ? RLENGTH : length(name) + 1
	}
	if (match(bite, literal[quote == "" ? array : quote]))
		piece = substr(bite, 1, RLENGTH)
	else
		piece = c
	c = piece
	if (quote == "'")
		gsub(/[$]/, "\001$", piece)
	append(piece)
	return length(c)
}

function append(piece) {
	value_tail = value_tail piece
	if (length(value_tail) > 5000) {
		value_head = value_head value_tail
		value_tail = ""
	}
}

# ---- names ----

# rejects(NAME): is it of those whom the tools reject?
function rejects(name) {
	return name ~ /(black|block|deny|reject)/
}

# names_a_file(NAME, VALUE): or does it have domains in it?
function names_a_file(name, value) {
	return name !~ /_hosts$/ || name ~ /^allowlist_hosts$|_(static|user)_hosts$/ || \
	    value ~ /^[^ \t\n]*(\/[^ \t\n]*|[.](txt|list|lst|conf))$/
}

function assign(name, add, value, start,    i, t, n, extends, word, at) {
	if (!((name, "at") in hosts) && !(name in value_of))
		name_of[++names] = name
	if (!((name, "at") in hosts) && names_a_file(name, value)) {
		# No path is as long as that.
		value_of[name] = substr((add ? value_of[name] : "") value, 1, 5000)
		value_file[name] = FILE
		value_line[name] = start
		return
	}
	hosts[name, "at"] = 1
	t = split_hosts(name, value, start)
	# As in the shell, a later assignment replaces one before it.
	n = add ? hosts[name, 0] + 0 : 0
	for (i = 1; i <= t; i++) {
		hosts[name, ++n] = taken[i]
		hosts_file[name, n] = taken_file[i]
		hosts_line[name, n] = taken_line[i]
	}
	hosts[name, 0] = n
	if (!add && !EXTENDS)
		hosts[name, "replaced"] = 1
}

# The domains of a value, in taken; with $NAME those of another one. EXTENDS is
# set if that is the name itself.
function split_hosts(name, value, start,    n, i, j, k, t, other, word, lines) {
	EXTENDS = t = 0
	n = split(value, lines, "\n")
	for (i = 1; i <= n; i++) {
		k = split(lines[i], word, /[ \t]+/)
		for (j = 1; j <= k; j++) {
			if (word[j] == "")
				continue
			other = word[j]
			if (gsub(/^[$][{]|[}]$/, "", other) == 2 &&
			    other ~ /^[A-Za-z0-9_]*_hosts$/) {
				EXTENDS = EXTENDS || other == name
				t = take_all(other, t)
			} else if (word[j] ~ /[$`]/)
				say(FILE, start + i - 1, name ": " word[j] \
				    " is left to the shell: write its domains instead")
			else if (!domain(word[j]))
				say(FILE, start + i - 1, name \
				    ": expected a domain, not: " word[j])
			else {
				taken[++t] = tolower(word[j])
				taken_file[t] = FILE
				taken_line[t] = start + i - 1
			}
		}
	}
	return t
}

function take_all(name, t,    i) {
	for (i = 1; i <= hosts[name, 0]; i++) {
		taken[++t] = hosts[name, i]
		taken_file[t] = hosts_file[name, i]
		taken_line[t] = hosts_line[name, i]
	}
	return t
}

# ---- what they come to ----

# What is left when a configuration has been read. Its files may add names.
function settings(    i, name, blocking) {
	for (i = 1; i <= names; i++) {
		name = name_of[i]
		if (name in value_of)
			setting(name, value_of[name])
	}
	for (i = 1; i <= names; i++)
		if (name_of[i] ~ /^include_/ && value_of[name_of[i]] == "yes")
			included(substr(name_of[i], 9))
	for (i = 1; i <= names; i++)
		if (name_of[i] ~ /^enable_(black|block|deny)list$/ &&
		    value_of[name_of[i]] == "yes")
			blocking = 1
	for (i = 1; i <= names; i++)
		if ((name_of[i], "at") in hosts)
			emit_hosts(name_of[i], blocking)
	for (i = 1; i <= names; i++) {
		name = name_of[i]
		if (name ~ /_hosts_file$/ && rejects(name) && blocking)
			host_file(name, "reject")
	}
	if (blocking)
		print "set\tblocking\tyes"
	name = "output_dir" in value_of ? "output_dir" : "postfixpath"
	if (value_of[name] != "") {
		old_table(value_of[name], "whitelist", "postscreen_spf_whitelist.cidr")
		old_table(value_of[name], "allowlist", "postscreen_spf_allowlist.cidr")
		old_table(value_of[name], "blacklist", "postscreen_spf_blacklist.cidr")
		old_table(value_of[name], "blocklist", "postscreen_spf_blocklist.cidr")
		old_table(value_of[name], "denylist", "postscreen_spf_denylist.cidr")
	}
}

function setting(name, value) {
	FILE = value_file[name]
	LINE = value_line[name]
	if (name ~ /^(reload_?postfix|postfix_task)$/)
		print "set\treload\t" (value ~ /^(yes|reload|restart)$/ ? "yes" : "no")
	else if (name == "allowlist_hosts") {
		print "set\treplaced\tall"
		host_file(name, "permit")
	} else if (name ~ /_hosts_file$/) {
		if (!rejects(name))
			host_file(name, "permit")
	} else if (name in needless)
		say(FILE, LINE, name ": not needed: " needless[name])
	else if (name in toggle) {
		if (value != "yes")
			say(FILE, LINE, name "=" value ": to leave out a sender of " \
			    "the packaged lists, write !DOMAIN into permit.list")
	} else if (name !~ /^(white|black|allow|block|deny)list$/ && \
	    name !~ /^(postfixpath|output_dir)$|_static_hosts$|_user_hosts$/ && \
	    name !~ /^(include|enable)_/)
		say(FILE, LINE, name ": unknown, not carried over" \
		    (value ~ /\// ? "; a file of hosts can be given to migrate " \
		    "by name" : ""))
}

# include_NAME=yes: a file of networks, whose name the configuration may have or
# the tool itself.
function included(name,    hosts_name, i, n, place) {
	hosts_name = name (name == "custom" ? "_user_hosts" : "_static_hosts")
	FILE = value_file["include_" name]
	LINE = value_line["include_" name]
	if (hosts_name in value_of) {
		host_file(hosts_name, "permit")
		return
	}
	n = split(directory(value_of["allowlist_hosts"]) \
	    "\n/usr/share/postallow\n/usr/local/share/postallow\n" \
	    directory(conf_path) "\n/usr/local/bin/postwhite", place, "\n")
	for (i = 1; i <= n; i++)
		if (readable(place[i] "/" hosts_name ".txt")) {
			host_file_at(place[i] "/" hosts_name ".txt", "permit")
			return
		}
	say(FILE, LINE, "include_" name "=yes: " hosts_name ".txt was not found; " \
	    "give it to migrate by name")
}

function host_file(name, action,    path) {
	FILE = value_file[name]
	LINE = value_line[name]
	if (value_of[name] == "")
		return
	if (value_of[name] ~ /[$`]/)
		say(FILE, LINE, name ": " value_of[name] " is left to the shell: " \
		    "give that file to migrate by name")
	else if (value_of[name] ~ /[\001-\037\177]/)
		say(FILE, LINE, name ": expected a file name without control " \
		    "characters, not: " value_of[name])
	else if ((path = find(value_of[name])) == "")
		say(FILE, LINE, name ": " value_of[name] " cannot be read, and is " \
		    "left out; give that file to migrate by name")
	else
		host_file_at(path, action)
}

function host_file_at(path, action) {
	if (!(path in done))
		read_file(path, action)
}

function directory(path) {
	return sub(/\/[^\/]*$/, "", path) ? path : "."
}

# find(NAME): where a file that a configuration names is, beside the
# configuration if not where it says; "" if it is nowhere.
function find(name,    path, n, i, place) {
	sub(/^[ \t]+/, "", name)
	sub(/[ \t]+$/, "", name)
	while (name ~ /^[.]\/./)
		name = substr(name, 3)
	path = name ~ /^\// ? name : "./" name
	if (readable(path))
		return path
	n = split(name, place, "/")
	for (i = 2; i >= 1; i--) {
		path = directory(conf_path) "/" (i == 2 ? name : place[n])
		if (i == 2 && name ~ /^\// || !readable(path))
			continue
		say(FILE, LINE, name ": not there; " shown(path) " is read in its place")
		return path
	}
	return ""
}

# A table that was also given by name comes in the order of the names given.
function old_table(path, name, otherwise) {
	FILE = name in value_of ? value_file[name] : shown(conf_path)
	LINE = name in value_of ? value_line[name] : 0
	path = path "/" (name in value_of ? value_of[name] : otherwise)
	if (path ~ /[$`]/)
		return
	path = find(path)
	if (path != "" && !(path in given) && !(path in done))
		read_file(path, "permit")
}

function emit_hosts(name, blocking,    i, action) {
	if ((name, "replaced") in hosts && name in packaged)
		print "set\treplaced\t" packaged[name]
	action = rejects(name) ? "reject" : "permit"
	for (i = 1; i <= hosts[name, 0]; i++) {
		FILE = hosts_file[name, i]
		LINE = hosts_line[name, i]
		if (action == "reject" && !blocking)
			say(FILE, LINE, hosts[name, i] ": left out, since enable_" \
			    substr(name, 1, length(name) - 6) " is not yes")
		else
			emit(action, hosts[name, i])
	}
}
