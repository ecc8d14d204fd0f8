# Postfix cidr tables, the second half of read.awk.

# ---- addresses, as strings of bits ----

# network(TEXT): sets FAMILY, BITS (of the prefix) and HOST_BITS.
function network(text,    n, part, bits, prefix) {
	n = split(text, part, "/")
	if (n < 1 || n > 2)
		return 0
	bits = part[1] ~ /:/ ? bits6(part[1]) : bits4(part[1])
	if (bits == "")
		return 0
	FAMILY = length(bits) == 32 ? 4 : 6
	prefix = length(bits)
	if (n == 2) {
		if (part[2] !~ /^[0-9]+$/ || length(part[2]) > 3 ||
		    part[2] + 0 > prefix)
			return 0
		prefix = part[2] + 0
	}
	BITS = substr(bits, 1, prefix)
	HOST_BITS = index(substr(bits, prefix + 1), "1") > 0
	return 1
}

function bits4(text,    i, part, bits) {
	if (split(text, part, ".") != 4)
		return ""
	bits = ""
	for (i = 1; i <= 4; i++) {
		if (part[i] !~ /^(0|[1-9][0-9]*)$/ || length(part[i]) > 3 ||
		    part[i] + 0 > 255)
			return ""
		bits = bits byte[part[i] + 0]
	}
	return bits
}

function bits6(text,    at, left, right) {
	at = index(text, "::")
	if (at == 0) {
		left = groups(text)
		return length(left) == 128 ? left : ""
	}
	left = substr(text, 1, at - 1)
	right = substr(text, at + 2)
	if (left != "" && (left = groups(left)) == "" ||
	    right != "" && (right = groups(right)) == "" ||
	    length(left right) > 112)
		return ""
	while (length(left right) < 128)
		left = left "0000000000000000"
	return left right
}

function groups(text,    n, i, j, part, bits, group) {
	bits = ""
	n = split(tolower(text), part, ":")
	for (i = 1; i <= n; i++) {
		if (i == n && part[i] ~ /[.]/) {
			group = bits4(part[i])
			if (group == "")
				return ""
			bits = bits group
			continue
		}
		if (part[i] !~ /^[0-9a-f]+$/ || length(part[i]) > 4)
			return ""
		group = ""
		for (j = 1; j <= length(part[i]); j++)
			group = group nibble[substr(part[i], j, 1)]
		bits = bits substr("0000000000000000", length(group) + 1) group
	}
	return bits
}

function overlap(family1, bits1, family2, bits2,    n) {
	n = length(bits1) < length(bits2) ? length(bits1) : length(bits2)
	return family1 == family2 && substr(bits1, 1, n) == substr(bits2, 1, n)
}

# ---- rules ----

# A line that begins with white space continues the one above.
function cidr_line(line) {
	gsub(/[ \t]+/, " ", line)
	if (line ~ /^ / && logical != "") {
		# No rule is as long as that.
		if (length(logical) < 1000)
			logical = logical line
		return
	}
	if (logical != "")
		cidr_rule(logical, FILE ":" logical_line)
	logical = line
	logical_line = LINE
}

function cidr_rule(line, origin,    n, word) {
	n = split(line, word, /[ \t]+/)
	while (n > 0 && word[n] == "")
		n--
	word[2] = tolower(word[2])
	if (tolower(word[1]) == "endif" && n == 1) {
		if (inside > 0)
			inside--
		else
			say(origin, "endif without if")
	} else if (tolower(word[1]) == "if" && n == 2) {
		# Postfix ignores an if that it cannot read, but not what follows.
		if (!network(word[2])) {
			say(origin, "expected if NETWORK, not: " line)
			FAMILY = 0
		}
		block(FAMILY, BITS)
	} else if (word[1] ~ /^!/)
		say(origin, "not carried over, it takes all but a network: " line)
	else if (!network(word[1]) || n < 2)
		say(origin, "expected NETWORK ACTION, not: " line)
	else if (n != 2 || word[2] !~ /^(permit|reject|dunno)$/)
		say(origin, "expected permit, reject or dunno and nothing " \
		    "else, not: " line)
	else
		rule(word[1], word[2], origin)
}

# An if: what it and those around it have in common, family 0 if nothing.
function block(family, bits) {
	if (inside > 0) {
		if (!overlap(family, bits, block_family[inside],
		    block_bits[inside]))
			family = 0
		else if (length(bits) < length(block_bits[inside]))
			bits = block_bits[inside]
	}
	inside++
	block_family[inside] = family
	block_bits[inside] = bits
}

function rule(net, action, origin) {
	if (inside > 0 && (length(block_bits[inside]) > length(BITS) ||
	    !overlap(FAMILY, BITS, block_family[inside], block_bits[inside]))) {
		say(origin, "not carried over, its if does not hold all " \
		    "of its network: " net " " action)
		return
	}
	if (HOST_BITS) {
		say(origin, "Postfix skips this line, since its network has host " \
		    "bits: " net " " action (generated ? "" : \
		    " (carried over with these masked)"))
		if (!generated && action != "dunno")
			emit(action "\t" spf(net) "\t" origin)
		return
	}
	rules++
	rule_net[rules] = net
	rule_key[rules] = FAMILY BITS
	rule_action[rules] = action
	rule_origin[rules] = origin
}

function spf(net) {
	return (net ~ /:/ ? "ip6:" : "ip4:") net
}

# First match wins in a cidr table; in a domain list what is taken out is out,
# and the reject table stands before the permit table. So an earlier rule with
# another action is taken out of the later one's list.
function cidr_end(    i) {
	if (logical != "")
		cidr_rule(logical, FILE ":" logical_line)
	index_rules()
	for (i = 1; i <= rules; i++) {
		if (rule_action[i] != "dunno")
			carry(rule_action[i], spf(rule_net[i]), rule_origin[i])
		if (rule_action[i] == "dunno")
			before(i, "permit")
		if (rule_action[i] != "reject")
			before(i, "reject")
	}
	if (generated)
		say(FILE, "made by a program: compared, but not carried over")
}

# For each network of a rule and each action: the first and the last rule for
# it (at), and the same for all the networks in it (in).
function index_rules(    i, n, key, action) {
	forget(first)
	forget(last)
	forget(known)
	forget(has_length)
	for (i = 1; i <= rules; i++) {
		known[rule_key[i]] = 1
		has_length[length(rule_key[i])] = 1
	}
	for (n = lengths = 0; n <= 129; n++)
		if (n in has_length)
			key_length[++lengths] = n
	for (i = 1; i <= rules; i++) {
		action = rule_action[i]
		note("at", action, rule_key[i], i)
		for (n = 1; n <= lengths; n++) {
			if (key_length[n] > length(rule_key[i]))
				break
			key = substr(rule_key[i], 1, key_length[n])
			if (key in known)
				note("in", action, key, i)
		}
	}
}

function forget(array,    i) {
	for (i in array)
		delete array[i]
}

# Called with rules in their order.
function note(where, action, key, i) {
	if (!((where, action, key) in first))
		first[where, action, key] = i
	last[where, action, key] = i
}

function carry(action, what, origin) {
	emit("old\t" action "\t" what)
	if (!generated)
		emit(action "\t" what "\t" origin)
}

# Rule i comes before rules with that action that overlap it.
function before(i, action,    n, key) {
	earlier = later = 0
	key = rule_key[i]
	around(i, "in" SUBSEP action SUBSEP key)
	for (n = 1; n <= lengths && key_length[n] < length(key); n++)
		around(i, "at" SUBSEP action SUBSEP substr(key, 1, key_length[n]))
	if (later && earlier)
		say(rule_origin[i], "not carried over exactly: it stands " \
		    "between rules that " action " parts of " rule_net[i])
	else if (later)
		carry(action, "-" spf(rule_net[i]), rule_origin[i])
}

function around(i, which) {
	if (which in first) {
		if (first[which] < i)
			earlier = 1
		if (last[which] > i)
			later = 1
	}
}
