# Completion of postpermit for fish. tests/completion compares it with the
# program's tables.

# Whether the command is one of these.
function __postpermit_is
    set -l words (commandline -opc)
    contains -- "$words[2]" $argv
end

# Whether there is no command yet.
function __postpermit_begins
    test (count (commandline -opc)) -eq 1
end

# The entries that are held, by the configuration of the command line.
function __postpermit_held
    set -l words (commandline -opc)
    set -l config
    for i in (seq 3 (count $words))
        switch $words[$i]
            case -c --config -o
                test $i -lt (count $words)
                and set -a config $words[$i] $words[(math $i + 1)]
            case '--config=*'
                set -a config $words[$i]
        end
    end
    postpermit status -f json $config 2>/dev/null |
        string replace -rf '^.*\{"entry": "([^"\\\\]*)".*$' '$1'
end

# What -o takes: parameters of postpermit.conf, and values that are words.
function __postpermit_parameters
    switch (commandline -ct)
        case '*permit_reserved=*'
            printf '%s\n' permit_reserved=yes permit_reserved=no
        case '*strict=*'
            printf '%s\n' strict=yes strict=no
        case '*table_layout=*'
            printf '%s\n' table_layout=auto table_layout=flat table_layout=indexed
        case '*=*'
        case '*'
            printf '%s=\n' permit_lists permit_table reject_lists reject_table \
                reload_command state_directory metrics_file greylist_texts \
                postconf_command servers threads max_inflight query_timeout \
                query_attempts run_timeout patience stale_limit max_shrink \
                max_growth hold_time min_prefix4 min_prefix6 max_coverage4 \
                max_coverage6 max_networks permit_reserved strict table_layout \
                zone_ttl zone_servers
    end
end

complete -c postpermit -f
complete -c postpermit -n __postpermit_begins -a update -d 'regenerate the configured tables'
complete -c postpermit -n __postpermit_begins -a expand -d 'print the table for domains or SPF terms'
complete -c postpermit -n __postpermit_begins -a explain -d 'say why an address is permitted, or not'
complete -c postpermit -n __postpermit_begins -a report -d 'print what each entry brings'
complete -c postpermit -n __postpermit_begins -a suggest -d 'print list lines for senders that were delayed'
complete -c postpermit -n __postpermit_begins -a check -d 'report mistakes, and whether Postfix uses the tables'
complete -c postpermit -n __postpermit_begins -a status -d 'print the state of the tables, for monitoring'
complete -c postpermit -n __postpermit_begins -a help -d 'print a summary'

complete -c postpermit -s h -l help -d 'print a summary'
complete -c postpermit -s V -l version -d 'print the version'

set -l every update expand explain report suggest check status
complete -c postpermit -n "__postpermit_is $every" -s c -l config -rF -d configuration
complete -c postpermit -n "__postpermit_is $every" -s o -x -a '(__postpermit_parameters)' -d 'set a configuration parameter'
complete -c postpermit -n "__postpermit_is $every" -s q -d 'no notes but failed lookups, no summary'
complete -c postpermit -n "__postpermit_is $every" -s v -d 'say more'
complete -c postpermit -n '__postpermit_is update explain suggest check status' -s f -l format -x -a json -d format
complete -c postpermit -n '__postpermit_is expand' -s f -l format -x -a 'postfix plain json nft rbldnsd' -d format
complete -c postpermit -n '__postpermit_is report' -s f -l format -x -a 'json html' -d format
complete -c postpermit -n '__postpermit_is update expand' -s 4 -d 'print only IPv4 networks'
complete -c postpermit -n '__postpermit_is update expand' -s 6 -d 'print only IPv6 networks'
complete -c postpermit -n '__postpermit_is expand explain report suggest check' -s l -l list -rF -d 'domain list'
complete -c postpermit -n '__postpermit_is update expand explain report suggest' -s r -l replay -rF -d 'answers from a zone file'
complete -c postpermit -n '__postpermit_is update expand suggest' -s s -l server -x -d 'DNS server'
complete -c postpermit -n '__postpermit_is update expand' -l save -rF -d 'write the answers as a zone file'
complete -c postpermit -n '__postpermit_is expand' -s O -l output -rF -d 'install the table there'
complete -c postpermit -n '__postpermit_is update' -s n -l dry-run -d 'print what would change'
complete -c postpermit -n '__postpermit_is update' -l force -d 'accept all that is held'
complete -c postpermit -n '__postpermit_is update' -l accept -x -a '(__postpermit_held)' -d 'accept what is held of an entry'
complete -c postpermit -n '__postpermit_is suggest' -l audit -d 'say which entries earned their place'
complete -c postpermit -n '__postpermit_is suggest' -l journal -d 'read the journal'
complete -c postpermit -n '__postpermit_is suggest' -F
