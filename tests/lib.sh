# What a case's cmd can use. Sourced by run-cases in the case's directory, a
# copy of its folder, with sh -eu. $T is a directory beside it for whatever a
# case must not see among its files. $PYTHON is the Python that runs run-cases.
# MAIL_CONFIG gives Postfix's commands, postmap say, a configuration of the
# case's own: the machine may have none.

# fail TEXT: the case fails, whatever its expected status is.
fail() {
	echo "FAIL: $*" >&2
	exit 99
}

# skip TEXT: the case cannot run here.
skip() {
	echo "$*" >"$T/skip"
	exit 77
}

# need PROGRAM ...: skips if one is missing.
need() {
	for program; do
		command -v "$program" >/dev/null || skip "$program is missing"
	done
}

# expand ARG ...: prints the table in Postfix's format and checks it as
# postmap_check does. Its status is postpermit's.
expand() {
	need postmap
	got=0
	# shellcheck disable=SC2086 # several options
	"$POSTPERMIT" expand $SOURCE "$@" >"$T/table" || got=$?
	cat "$T/table"
	case $got in
	0 | 3) postmap_check "$T/table" ;;
	esac
	return $got
}

# update ARG ...: with the case's conf.
update() {
	# shellcheck disable=SC2086 # several options
	"$POSTPERMIT" update -c conf $SOURCE "$@"
}

# postmap_check TABLE: Postfix reads it without a warning and agrees with it.
postmap_check() {
	need postmap
	"$PYTHON" "$TESTS/lib-postmap" "$1" || fail "postmap_check $1"
}

# exits STATUS COMMAND ARG ...: runs it; any other status fails the case.
# What it said is left in $T/out and $T/err.
exits() {
	wanted=$1
	shift
	status=0
	("$@") >"$T/out" 2>"$T/err" || status=$?
	cat "$T/out"
	cat "$T/err" >&2
	[ $status -ne 77 ] || exit 77
	[ $status -eq "$wanted" ] ||
		fail "exit status $status instead of $wanted: $*"
}

# says ERE, says_not ERE: about the messages of the last command under exits.
says() {
	grep -aEq -e "$1" "$T/err" || fail "no message matches: $1"
}
says_not() {
	! grep -aEq -e "$1" "$T/err" || fail "a message matches: $1"
}

# silent: the last command under exits printed nothing at all.
silent() {
	[ ! -s "$T/out" ] || fail "it printed a result"
	[ ! -s "$T/err" ] || fail "it printed a message"
}

# rules TABLE: without the comment line, which has the version in it.
rules() {
	grep -v '^# postpermit ' "$1" || [ $? -eq 1 ]
}

# file_id FILE: the same as long as the file is neither replaced nor written.
file_id() {
	stat -c '%i %Y %y %a' "$1"
}

# aged SECONDS|TIME: what update keeps, as if it were as old, or of then.
aged() {
	set -- "$1" state/answers.zone state/held.sets
	[ -e state/held.sets ] || set -- "$1" "$2"
	"$PYTHON" "$TESTS/lib-aged" "$@"
}

# tree_id: likewise for everything in the case's directory but last.run, which
# each run writes.
tree_id() {
	find . -type d -exec stat -c '%n %i %a' {} + \
		-o ! -name last.run -exec stat -c '%n %i %Y %y %a %s' {} + | sort
}

# as_user ARG ...: postpermit, not as root. It may stand in a directory that
# only root can enter, hence the copy.
as_user() {
	if [ "$(id -u)" -eq 0 ]; then
		cp "$POSTPERMIT" "$T/postpermit"
		# A coverage build's counters: that user cannot write them.
		[ -d "$T/coverage" ] || mkdir -m 777 "$T/coverage"
		GCOV_PREFIX=${COUNTERS:-$T/coverage} \
			setpriv --reuid=65534 --regid=65534 --clear-groups \
			"$T/postpermit" "$@"
	else
		"$POSTPERMIT" "$@"
	fi
}

# within SECONDS COMMAND ARG ...: fails if it takes longer.
within() {
	limit=$1 start=$(date +%s)
	shift
	"$@"
	[ $(($(date +%s) - start)) -le "$limit" ] || fail "took too long: $*"
}

# corpus FILE: sets FILE to the path of a file of real SPF data. These are
# not in the repository.
corpus() {
	FILE=${POSTPERMIT_CORPUS:-$TESTS/../../shared/corpus}/$1
	[ -r "$FILE" ] || skip "no corpus (POSTPERMIT_CORPUS)"
	# Its path may have a blank, and $SOURCE is split.
	ln -s "$FILE" "$T/$1"
	FILE=$T/$1
}

# has_ipv6: there is a ::1. (Some machines have no IPv6 at all.)
has_ipv6() {
	"$PYTHON" -c 'import socket
socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).bind(("::1", 0))' 2>/dev/null
}

# Servers. Each listens on 127.0.0.1 and leaves its port in PORT. run-cases
# kills them when the case ends.

next_port() {
	PORT=${PORTS%% *}
	PORTS=${PORTS#* }
}

# answers PID ORIGIN: waits until PORT gives ORIGIN's SOA record. 1 if the
# server PID ended instead. (One that is still loading answers nothing.)
answers() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		dig +noall +answer +tries=1 +time=1 -p "$PORT" \
			@127.0.0.1 "$2" SOA 2>&1 | grep -q 'IN.SOA' && return 0
		kill -0 "$1" 2>/dev/null || return 1
		sleep 0.1
	done
	fail "the server on port $PORT does not answer"
}

# start_nsd ZONEFILE [ORIGIN]: it serves that zone and refuses other names.
start_nsd() {
	need nsd dig
	for _ in 1 2 3; do
		next_port
		mkdir "$T/nsd-$PORT"
		cat >"$T/nsd-$PORT/conf" <<-END
			server:
				ip-address: 127.0.0.1@$PORT
				username: ""
				chroot: ""
				zonesdir: "$PWD"
				database: ""
				pidfile: ""
				xfrdfile: "$T/nsd-$PORT/xfrd"
				zonelistfile: "$T/nsd-$PORT/zones"
				xfrdir: "$T/nsd-$PORT"
				server-count: 1
				rrl-ratelimit: 0
			remote-control:
				control-enable: no
			zone:
				name: "${2:-.}"
				zonefile: "$1"
		END
		nsd -d -c "$T/nsd-$PORT/conf" >"$T/nsd-$PORT/log" 2>&1 &
		answers $! "${2:-.}" && return
	done
	cat "$T/nsd-$PORT/log" >&2
	fail "nsd does not start"
}

# start_unbound PORT: a resolver in front of the server on that port.
start_unbound() {
	need unbound dig
	for _ in 1 2 3; do
		next_port
		cat >"$T/unbound-$PORT" <<-END
			server:
				interface: 127.0.0.1
				port: $PORT
				username: ""
				chroot: ""
				directory: "$T"
				pidfile: ""
				use-syslog: no
				do-daemonize: no
				do-ip6: no
				do-not-query-localhost: no
				module-config: "iterator"
				local-zone: "test." nodefault
				local-zone: "invalid." nodefault
			remote-control:
				control-enable: no
			stub-zone:
				name: "."
				stub-addr: 127.0.0.1@$1
				stub-prime: no
		END
		unbound -d -c "$T/unbound-$PORT" >"$T/unbound-$PORT.log" 2>&1 &
		answers $! . && return
	done
	cat "$T/unbound-$PORT.log" >&2
	fail "unbound does not start"
}

# start_silent: takes queries and never answers.
start_silent() {
	next_port
	"$PYTHON" -c '
import signal, socket, sys
held = [socket.socket(socket.AF_INET, kind)
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)]
for s in held:
    s.bind(("127.0.0.1", int(sys.argv[1])))
held[1].listen()
open(sys.argv[2], "w").close()
signal.pause()' "$PORT" "$T/silent-$PORT" &
	while [ ! -e "$T/silent-$PORT" ]; do sleep 0.1; done
}

# start_relay PORT [OPTION ...]: a relay with these faults (tests/relay.c) in
# front of the server on that port.
start_relay() {
	[ -x "${RELAY:=${POSTPERMIT%/*}/../tests/relay}" ] ||
		skip "$RELAY is missing"
	next_port
	upstream=$1
	shift
	"$RELAY" --count "$T/relay" "$@" "$PORT" "$upstream" \
		>"$T/relay-$PORT" &
	relay=$!
	while [ ! -s "$T/relay-$PORT" ]; do
		kill -0 $relay || fail "the relay does not start"
		sleep 0.1
	done
}

# stop_relay: ends the last one. counted NAME: then prints what it counted.
stop_relay() {
	kill $relay
	wait $relay || fail "the relay failed"
}
counted() {
	awk -v name="$1" '$1 == name { print $2 }' "$T/relay"
}

# make_zone N: writes zone and list with N domains, d0.example and so on: own
# and shared includes, hosts, mail hosts, aliases; nothing missing.
make_zone() {
	awk -v n="$1" 'BEGIN {
		print "$TTL 300\n. IN SOA ns. hostmaster. 1 3600 600 86400 300"
		print ". IN NS ns."
		for (d = 0; d < n; d++) {
			net = "11." int(d / 250) "." d % 250
			host = d ".host.example."
			term = "include:own" d ".example"
			if (d % 3 == 0) {
				term = "a:" d ".host.example"
				print host " IN A " net ".17"
				print host " IN AAAA 2a0f:b00:" d "::1"
			} else if (d % 3 == 1) {
				term = "mx"
				print "d" d ".example. IN MX 10 " host
				print host " IN CNAME " d ".alias.example."
				print d ".alias.example. IN A " net ".33"
			} else
				print "own" d ".example. IN TXT \"v=spf1 ip4:" \
					net ".64/28 -all\""
			print "d" d ".example. IN TXT \"v=spf1 ip4:" net \
				".0/28 " term " include:shared" d % 20 \
				".example -all\""
		}
		for (s = 0; s < 20; s++)
			print "shared" s ".example. IN TXT \"v=spf1 ip4:23.0." \
				2 * s ".0/24 include:deep" s % 4 ".example ~all\""
		for (s = 0; s < 4; s++)
			print "deep" s ".example. IN TXT \"v=spf1 ip4:23.1." \
				2 * s ".0/24 ?all\""
	}' >zone
	awk -v n="$1" 'BEGIN { while (d < n) print "d" d++ ".example" }' >list
}

# answers_from SOURCE: sets SOURCE to the options that make postpermit take
# its answers from there.
answers_from() {
	case $1 in
	replay) SOURCE="-r zone" ;;
	nsd | unbound)
		start_nsd zone
		[ "$1" = nsd ] || start_unbound "$PORT"
		SOURCE="-s 127.0.0.1@$PORT"
		;;
	none) SOURCE= ;;
	esac
}
