# A private Postfix on loopback, for cases. Sourced after lib.sh. Root only:
# master starts its daemons as the user postfix. It stays in the case's process
# group, by which run-cases ends it, and its daemons end when it does.

[ "$(id -u)" -eq 0 ] || skip "not root"
need postfix postconf

# prepare_postfix DIRECTORY SETTINGS: makes DIRECTORY/conf, with those lines
# behind ours in main.cf; DIRECTORY/mail.log is the log. postscreen listens at
# PORT on 127.0.0.1 and, if there is one, on ::1; mail for mail.example is
# discarded. A deep protocol test makes a client that no table permits come
# back: 450.
prepare_postfix() {
	next_port
	interfaces=127.0.0.1
	! has_ipv6 || interfaces="127.0.0.1, [::1]"
	mkdir "$1" "$1/conf" "$1/queue" "$1/data"
	chown postfix "$1/data"
	cat >"$1/conf/main.cf" <<-END
		compatibility_level = 3.6
		queue_directory = $PWD/$1/queue
		data_directory = $PWD/$1/data
		maillog_file = $PWD/$1/mail.log
		maillog_file_prefixes = $PWD/$1
		myhostname = mail.example
		mydestination = mail.example
		mynetworks = 192.0.2.1
		inet_interfaces = $interfaces
		inet_protocols = all
		alias_maps =
		alias_database =
		local_recipient_maps =
		local_transport = discard
		smtpd_peername_lookup = no
		smtpd_relay_restrictions = reject_unauth_destination
		postscreen_greet_wait = 1s
		postscreen_bare_newline_enable = yes
		postscreen_bare_newline_action = enforce
		$2
	END
	cat >"$1/conf/master.cf" <<-END
		$PORT inet n - n - 1 postscreen
		smtpd pass - - n - - smtpd
		dnsblog unix - - n - 0 dnsblog
		tlsproxy unix - - n - 0 tlsproxy
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 300 1 qmgr
		rewrite unix - - n - - trivial-rewrite
		bounce unix - - n - 0 bounce
		defer unix - - n - 0 bounce
		tlsmgr unix - - n 1000? 1 tlsmgr
		anvil unix - - n - 1 anvil
		discard unix - - n - - discard
		postlog unix-dgram n - n - 1 postlogd
	END
	touch -d '1 hour ago' "$1"/conf/* # Postfix waits for fresh ones to settle
}

# start_postfix DIRECTORY: returns when postscreen listens.
start_postfix() {
	postfix -c "$PWD/$1/conf" check >&2 || fail "postfix check"
	: >"$1/mail.log" # what check says of the installation is not ours
	# -d: it makes no session and no process group of its own.
	"$(postconf -c "$PWD/$1/conf" -h daemon_directory)/master" -d \
		-c "$PWD/$1/conf" &
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		! grep -q 'daemon started' "$1/mail.log" 2>/dev/null || return 0
		kill -0 $! 2>/dev/null || break
		sleep 0.1
	done
	cat "$1/mail.log" >&2
	fail "Postfix does not start"
}

# logged NUMBER ERE: in the mail log $log so many lines of it match, or will in a while.
logged() {
	tries=0
	until [ "$(grep -Ec "$2" $log)" -eq "$1" ]; do
		tries=$((tries + 1))
		[ $tries -le 50 ] || fail "in the log are not $1 of $2"
		sleep 0.1
	done
}

# no_complaints [KINDS]: nothing of these kinds (an ERE) is in the mail log $log.
# Linux dates files by a finer clock than time(2), and near the end of a second
# Postfix warns that a file is a second ahead. That is no fault.
no_complaints() {
	! grep -E ": (${1-warning|error|fatal|panic}): " $log |
		grep -Ev 'file system clock is|resetting file time stamps' >&2 ||
		fail "see the mail log"
}

# mail_from ADDRESS ...: these send a message each to PORT, at the same time.
# Prints a line each, in order: ADDRESS and the start of what refused it, or
# "delivered".
mail_from() {
	"$PYTHON" - "$PORT" "$@" <<-'END'
		import concurrent.futures, smtplib, sys

		def send(address):
		    server = "::1" if ":" in address else "127.0.0.1"
		    with smtplib.SMTP(timeout=30, local_hostname="client.example",
		                      source_address=(address, 0)) as smtp:
		        smtp.connect(server, int(sys.argv[1]))
		        try:
		            smtp.sendmail("sender@client.example",
		                          ["somebody@mail.example"],
		                          "Subject: a test\r\n\r\nIt is one.\r\n")
		            return "delivered"
		        except smtplib.SMTPRecipientsRefused as e:
		            (code, text), = e.recipients.values()
		            return "%d %s" % (code, text.decode().split()[0])

		clients = sys.argv[2:]
		with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
		    for line in zip(clients, pool.map(send, clients)):
		        print(*line)
	END
}
