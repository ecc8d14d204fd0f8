# A DNSBL zone for name servers that know only records: NSD, BIND, Knot,
# PowerDNS. Reads what `postpermit expand -f plain` prints, or a table that
# `postpermit update` wrote, and prints the master file:
#
#   awk -f zone.awk -v zone=permit.internal -v servers='ns1.internal ns2.internal' \
#       /var/lib/postpermit/permit.cidr >permit.zone
#
# A network is as many wildcard records as it takes to write it in whole octets
# (IPv4) or nibbles (IPv6). Wildcards next to longer names answer as one would
# have it, since no network here is inside of another one (RFC 4592).
#
# serial  of the zone; without it the seconds since 1970 when it was made
# ttl     how long resolvers keep an answer, in seconds (60)
# expire  how long a secondary serves the zone without its primary (a week)

function fail(text) {
	failed = 1
	print "zone.awk: " text | "cat >&2"
	exit 1
}

# The IPv6 address as 32 nibbles, or "".
function nibbles(text,    halves, left, right, n, m, i, all, group) {
	n = split(text, halves, "::")
	if (n > 2)
		return ""
	n = halves[1] == "" ? 0 : split(halves[1], left, ":")
	m = halves[2] == "" ? 0 : split(halves[2], right, ":")
	if (n + m > 8 || (index(text, "::") == 0 && n != 8))
		return ""
	all = ""
	for (i = 1; i <= 8; i++) {
		group = i <= n ? left[i] : i > 8 - m ? right[i - 8 + m] : "0"
		all = all substr("0000", length(group) + 1) group
	}
	return all ~ /^[0-9a-f]*$/ && length(all) == 32 ? all : ""
}

# A wildcard that covers a test entry stands for it: beside a record of that
# name it would not answer for its neighbours.
function record(name,    i, at) {
	print name "\tA\t127.0.0.2"
	records++
	for (i in test) {
		at = length(test[i]) - length(name) + 2
		if (test[i] == name || (name ~ /^[*]/ && at > 0 && \
			substr(test[i], at) == substr(name, 2)))
			delete test[i]
	}
}

# Records for the labels that agree with first in all but their last bits.
function records_of(name, first, bits, hex, star,    i, n) {
	for (n = 1; bits > 0; bits--)
		n *= 2
	for (i = first; i < first + n; i++)
		record(star (hex ? substr(digits, i + 1, 1) : i) name)
}

function network4(text, prefix,    octets, name, i, whole, rest) {
	if (split(text, octets, ".") != 4)
		fail("not a network: " text)
	whole = int(prefix / 8)
	for (i = 1; i <= whole; i++)
		name = "." octets[i] name
	rest = prefix % 8
	if (whole == 4)
		record(substr(name, 2))
	else if (rest > 0)
		records_of(name, octets[whole + 1], 8 - rest, 0, \
			whole < 3 ? "*." : "")
	else
		record("*" name)
}

function network6(text, prefix,    all, name, i, whole, rest) {
	all = nibbles(text)
	if (all == "")
		fail("not a network: " text)
	whole = int(prefix / 4)
	for (i = 1; i <= whole; i++)
		name = "." substr(all, i, 1) name
	rest = prefix % 4
	if (whole == 32)
		record(substr(name, 2))
	else if (rest > 0)
		records_of(name, index(digits, substr(all, whole + 1, 1)) - 1, \
			4 - rest, 1, whole < 31 ? "*." : "")
	else
		record("*" name)
}

BEGIN {
	digits = "0123456789abcdef"
	if (zone == "" || servers == "")
		fail("needs -v zone=NAME and -v servers='NAME ...'")
	n = split(servers, server, " ")
	if (ttl == "")
		ttl = 60
	if (expire == "")
		expire = 604800
	# Not srand(): mawk 1.3.4 of 2025 returns nanoseconds, too many for a serial.
	if (serial == "")
		"date +%s" | getline serial
	print "$ORIGIN " zone "."
	print "$TTL " ttl
	print "@\tSOA\t" server[1] ". hostmaster." server[1] ". " serial \
		" 300 60 " expire " " ttl
	for (i = 1; i <= n; i++)
		print "@\tNS\t" server[i] "."
	# RFC 5782 section 5: 127.0.0.2 and ::ffff:7f00:2 are listed, as a test.
	test[4] = "2.0.0.127"
	test[6] = "2.0.0.0.0.0.f.7.f.f.f.f." \
		"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"
}

/^#/ || $1 == "if" || $1 == "endif" || NF == 0 { next }
NF > 1 && $2 != "permit" { next }
NF > 2 || split($1, net, "/") != 2 || net[2] !~ /^[0-9][0-9]*$/ {
	fail("not a network: " $0)
}
net[1] ~ /:/ { network6(net[1], net[2] + 0); next }
{ network4(net[1], net[2] + 0) }

END {
	if (failed)
		exit 1
	if (records == 0)
		fail("no network: an empty zone is a mistake")
	for (i in test)
		print test[i] "\tA\t127.0.0.2"
}
