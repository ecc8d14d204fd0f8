# Sets of addresses, for migrate. Input is sorted, so that a network comes
# before those in it, and walked like a tree; each region of addresses in which
# the same networks hold is looked at once.
#
#   -v mode=keys LABEL=...   networks, one a line, to KEY and LABEL
#   -v mode=text             keys to networks
#   -v mode=decide           rules (see read.awk) to lines of domain lists, to
#                            what the old tables did, and the order that the new
#                            ones need
#   -v mode=compare          KEY and LABEL to differences, see compared()
#
# All on stdout; on stderr, rules that are not carried over.

mode == "keys" && network($1) { print KEY "\t" label }

mode == "text" { print with_length($2) "\t" $1 }

mode == "compare" {
	key[++n_keys] = $1 ""
	what[n_keys] = $2
}

mode == "decide" {
	key[++n_keys] = $2 ""
	number_of[n_keys] = $3
	table[n_keys] = $4
	what[n_keys] = $5
	made[n_keys] = $6
	written[n_keys] = $7
	file[n_keys] = $8
	line[n_keys] = $9
	comment[n_keys] = $10
	of_rule[$3] = of_rule[$3] " " n_keys
	if ($3 > rules)
		rules = $3 + 0
}

END {
	if (mode == "decide")
		decide()
	else if (mode == "compare")
		compare()
	end_of_messages()
}

# ---- the walk ----

function walk_all(    middle) {
	middle = first_from("6", 1, n_keys)
	walk("4", 1, middle - 1, 0, 0, 0)
	walk("6", middle, n_keys, 0, 0, 0)
}

# The first of these keys that is not before that one.
function first_from(bound, low, high,    middle) {
	while (low <= high) {
		middle = int((low + high) / 2)
		if (key[middle] < bound)
			low = middle + 1
		else
			high = middle - 1
	}
	return low
}

# The keys from low to high are in this network; over[1..n] hold in all of it.
# state and state2 are what these come to.
function walk(net, low, high, n, state, state2,    middle) {
	if (low <= high && key[low] == net) {
		while (low <= high && key[low] == net) {
			n = cover(n, low)
			low++
		}
		if (mode == "decide") {
			state = winner(n, 0)
			state2 = winner(n, 1)
		} else
			state = labels(n)
	}
	if (low <= high) {
		middle = first_from(net "1", low, high)
		walk(net "0", low, middle - 1, n, state, state2)
		walk(net "1", middle, high, n, state, state2)
	} else if (n > 0) {
		if (mode == "compare")
			compared(net, state)
		else if (pass == 1)
			decided(net, n, state, state2)
		else
			excluded(net, n, state, state2)
	}
}

# Of rules of one table for one network, only the first can count.
function cover(n, i,    j, other) {
	for (j = n; j > 0 && key[over[j]] == key[i]; j--) {
		other = over[j]
		if (!of_a_kind(i, other))
			continue
		if (number_of[i] < number_of[other]) {
			over[j] = i
			i = other
		}
		loses_to[i] = over[j]
		return n
	}
	over[n + 1] = i
	return n + 1
}

function of_a_kind(i, j) {
	if (mode == "compare")
		return what[i] == what[j]
	return table[i] == table[j] && made[i] == made[j]
}

# winner(N, BY_HAND): the rule that decides, 0 if none does. dunno leads to the
# next table, stop (see read.awk) to none. With BY_HAND, only among rules that
# no program made.
function winner(n, by_hand,    after, best, i, j) {
	after = 0
	for (;;) {
		best = 0
		for (i = 1; i <= n; i++) {
			j = over[i]
			if (table[j] > after && !(by_hand && made[j]) &&
			    (!best || number_of[j] < number_of[best]))
				best = j
		}
		if (!best || what[best] != "dunno")
			return best
		after = table[best]
	}
}

# add(SET, NET): the set grows in the order of addresses; two halves are merged.
function add(set, net,    n, last) {
	n = count[set] + 0
	while (n > 0) {
		last = in_set[set, n]
		if (length(last) != length(net) || net !~ /1$/ ||
		    substr(last, 1, length(last) - 1) "1" != net)
			break
		net = substr(net, 1, length(net) - 1)
		n--
	}
	in_set[set, ++n] = net
	count[set] = n
}

# ---- what the old tables did, as lists ----

function decide(    i) {
	pass = 1
	walk_all()
	pass = 2
	walk_all()
	put("old\tpermit", "old permit")
	put("old\treject", "old reject")
	put("both\tpermit", "both permit")
	put("both\treject", "both reject")
	for (i = 1; i <= rules; i++)
		put_rule(i)
	# A table of a program is made again from domains, and what it rejects
	# never counts against a permit list. So rules by hand say the order.
	if (late)
		print "order\tpermit\t" late
	else if (early)
		print "order\treject\t" early
}

function put(label, set,    i) {
	for (i = 1; i <= count[set]; i++)
		print label "\t" in_set[set, i]
}

# First pass: what is done with these addresses, and which rules have a part in
# it. A rule that is right once the tables of programs are left aside is kept
# for the day when these change.
function decided(net, n, first, by_hand,    i, j, done) {
	done = first ? what[first] : "none"
	for (i = 1; i <= n; i++) {
		j = over[i]
		if (what[j] == done)
			continue
		differs[j] = 1
		if (!(j in instead))
			instead[j] = first
	}
	if (by_hand && what[by_hand] == done)
		used[by_hand] = 1
	if (by_hand && what[by_hand] == "reject" && done == "permit") {
		used[by_hand] = 1
		late = late ? late : place(by_hand)
	}
	if (by_hand && by_hand == first && done == "reject" && made_of(n, "permit"))
		early = early ? early : place(by_hand)
	if (done == "permit" || done == "reject")
		add("old " done, net)
	if (first && made[first] && made_of(n, "permit") && made_of(n, "reject"))
		add("both " done, net)
}

function place(i) {
	return file[i] ":" line[i]
}

function made_of(n, action,    i) {
	for (i = 1; i <= n; i++)
		if (made[over[i]] && what[over[i]] == action)
			return 1
	return 0
}

# Do the new lists have an entry with that action for these addresses?
function listed(n, action, by_hand,    i, j) {
	for (i = 1; i <= n; i++) {
		j = over[i]
		if (what[j] == action && (made[j] ? !by_hand : kept(j)))
			return 1
	}
	return 0
}

# A rule is carried over if it has a part in what is done, or changes nothing.
function kept(i) {
	if (i in loses_to)
		return what[i] == what[loses_to[i]] && kept(loses_to[i])
	return (i in used) || !(i in differs)
}

# The rule that decides in place of one that is not carried over.
function decides(i) {
	while (i in loses_to) {
		if (what[i] != what[loses_to[i]])
			return loses_to[i]
		i = loses_to[i]
	}
	return instead[i]
}

# Second pass: what is taken out of the lists.
function excluded(net, n, first, by_hand,    done, cause, other) {
	done = first ? what[first] : "none"
	cause = number_of[first ? first : first_dunno(n)] + 0
	if (done != "permit" && listed(n, "permit", 0))
		add("permit " cause, net)
	other = by_hand ? what[by_hand] : ""
	if (done != "reject" && listed(n, "reject", done == "permit") &&
	    !(done == "permit" && other == "reject"))
		add("reject " cause, net)
}

function first_dunno(n,    i, best) {
	best = 0
	for (i = 1; i <= n; i++)
		if (what[over[i]] == "dunno" &&
		    (!best || number_of[over[i]] < number_of[best]))
			best = over[i]
	return best
}

# put_rule(NUMBER): what it takes out of the lists, and what it adds.
function put_rule(number,    n, i, j, part, action) {
	n = split(of_rule[number], part, " ")
	for (i = 1; i <= count["permit " number]; i++)
		put_line("permit", "-" term(in_set["permit " number, i]), part[1])
	for (i = 1; i <= count["reject " number]; i++)
		put_line("reject", "-" term(in_set["reject " number, i]), part[1])
	for (i = 1; i <= n; i++) {
		j = part[i]
		action = what[j]
		if (made[j] || action !~ /^(permit|reject)$/)
			continue
		if (kept(j))
			put_line(action, written[j], j)
		else
			not_kept(j, decides(j))
	}
}

function not_kept(i, first) {
	say(file[i], line[i], "not carried over, " (first ? place(first) \
	    " decides first (" what[first] ")" : "a dunno comes first") ": " \
	    written[i] " " what[i])
}

function put_line(action, text, i) {
	print action "\t" text "\t" file[i] "\t" line[i] "\t" \
	    (text ~ /^-/ ? "" : comment[i])
}

# ---- differences ----

# The labels:
#   P, R   the old tables permit, or reject
#   N      the new permit list permits
#   E      the new reject list names
#   +, -   lines of it with networks: named, taken out
function labels(n,    i, set) {
	set = ""
	for (i = 1; i <= n; i++)
		if (!index(set, what[over[i]]))
			set = set what[over[i]]
	return set
}

# What the new program does: networks that the reject list itself names are
# rejected, what DNS says of its entries only if no permit list permits it.
function compared(net, set,    old, new, permitted, literal, rejected) {
	old = index(set, "P") ? "permit" : index(set, "R") ? "reject" : ""
	permitted = index(set, "N")
	literal = index(set, "+") && !index(set, "-")
	rejected = literal || index(set, "E") && !permitted
	if (permitted && rejected)
		add(order == "permit" ? "other reject" : "other permit", net)
	if (permitted && index(set, "E") && !literal)
		add("spared", net)
	if (rejected)
		add("new reject", net)
	new = permitted && !(rejected && order == "reject") ? "permit" : \
	    rejected ? "reject" : ""
	if (old == new)
		return
	if (old != "")
		add("- " old, net)
	if (new != "")
		add("+ " new, net)
	if (old == "permit" && new == "reject" || old == "reject" && new == "permit")
		add("turned " old, net)
}

function compare() {
	walk_all()
	put_networks("- permit")
	put_networks("+ permit")
	put_networks("- reject")
	put_networks("+ reject")
	put_networks("turned permit")
	put_networks("turned reject")
	put_networks("other permit")
	put_networks("other reject")
	put_networks("spared")
	put_networks("new reject")
}

function put_networks(set,    i) {
	for (i = 1; i <= count[set]; i++)
		print set "\t" with_length(in_set[set, i])
}
