# Messages, and addresses as strings of bits, for the other parts of migrate.
#
# A network's key is its family, 4 or 6, and the bits of its prefix: that of
# 128.0.0.0/2 is 410. So a network is in another if its key begins with the
# other's.

BEGIN {
	for (i = 0; i < 256; i++) {
		bits = ""
		for (j = i + 256; j > 1; j = int(j / 2))
			bits = j % 2 bits
		byte[i] = bits
		number[bits] = i
	}
	for (i = 0; i < 16; i++) {
		digit = substr("0123456789abcdef", i + 1, 1)
		nibble[digit] = substr(byte[i], 5)
		digit_of[substr(byte[i], 5)] = digit
	}
}

# ---- messages ----

function printable(what) {
	gsub(/\001/, "", what)
	gsub(/\t/, " ", what)
	gsub(/[^ -~]/, "?", what)
	return length(what) > 200 ? substr(what, 1, 197) "..." : what
}

# say(FILE, LINE, TEXT): on stderr, at most 20 for a file unless verbose is set.
# end_of_messages() says how many more there were. LINE 0 is the whole file.
function say(file, line, what) {
	if (!(file in said))
		said_file[++said_files] = file
	if (++said[file] <= 20 || verbose)
		print "migrate: " printable(file) (line ? ":" line : "") ": " \
		    printable(what) | "cat 1>&2"
}

function end_of_messages(    i, file) {
	for (i = 1; i <= said_files; i++) {
		file = said_file[i]
		if (said[file] > 20 && !verbose)
			print "migrate: " printable(file) ": " said[file] - 20 \
			    " more messages; -v prints them" | "cat 1>&2"
	}
	close("cat 1>&2")
}

# ---- networks ----

# network(TEXT): is it one? Sets KEY, FAMILY, and HOST_BITS if there are any.
function network(text,    n, part, bits, length_of) {
	n = split(text, part, "/")
	if (n < 1 || n > 2)
		return 0
	bits = part[1] ~ /:/ ? bits6(part[1]) : bits4(part[1])
	if (bits == "")
		return 0
	length_of = length(bits)
	FAMILY = length_of == 32 ? 4 : 6
	if (n == 2) {
		if (part[2] !~ /^[0-9]+$/)
			return 0
		sub(/^0+/, "", part[2]) # octal to the awk of busybox
		if (part[2] + 0 > length_of)
			return 0
		length_of = part[2] + 0
	}
	KEY = FAMILY substr(bits, 1, length_of)
	HOST_BITS = index(substr(bits, length_of + 1), "1") > 0
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

# inside(KEY, OUTER): does the second have all of the first?
function inside(key, outer) {
	return substr(key, 1, length(outer)) == outer
}

# with_length(KEY): as ADDRESS/LENGTH.
function with_length(key,    bits, n, i, text) {
	bits = substr(key, 2)
	n = length(bits)
	if (key ~ /^6/)
		return text6(bits) "/" n
	while (length(bits) < 32)
		bits = bits "0"
	text = number[substr(bits, 1, 8)]
	for (i = 9; i <= 25; i += 8)
		text = text "." number[substr(bits, i, 8)]
	return text "/" n
}

function text6(bits,    i, j, group, text, run, best, best_at) {
	while (length(bits) < 128)
		bits = bits "0"
	best = 1
	run = 0
	for (i = 1; i <= 8; i++) {
		group[i] = ""
		for (j = 16 * i - 15; j < 16 * i; j += 4)
			group[i] = group[i] digit_of[substr(bits, j, 4)]
		sub(/^0+/, "", group[i])
		run = group[i] == "" ? run + 1 : 0
		if (group[i] == "")
			group[i] = "0"
		if (run > best) {
			best = run
			best_at = i - run + 1
		}
	}
	text = ""
	for (i = 1; i <= 8; i++)
		if (best > 1 && i == best_at) {
			text = text "::"
			i += best - 1
		} else
			text = text (text == "" || text ~ /:$/ ? "" : ":") group[i]
	return text
}

# term(KEY): as it stands in a domain list.
function term(key,    text) {
	text = with_length(key)
	if (length(key) == (key ~ /^4/ ? 33 : 129))
		sub(/\/.*/, "", text)
	return "ip" substr(key, 1, 1) ":" text
}

# as_written(TEXT, KEY): likewise, as it was written if a list may have it so.
function as_written(text, key) {
	if (text !~ /^[0-9a-fA-F.:]+(\/(0|[1-9][0-9]*))?$/)
		return term(key)
	return "ip" substr(key, 1, 1) ":" text
}
