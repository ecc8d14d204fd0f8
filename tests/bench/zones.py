#!/usr/bin/env python3
"""Make a synthetic zone whose table is known.

    zones.py packaged|truncated|wide DOMAINS DIRECTORY

writes there: zone, master file of the root zone; list, a domain list;
queries, all lookups that the list needs, for dnsperf; truth, the networks of
the table, in the table's order. No network touches another, so that the table
is exactly what stands there.
"""

import sys

HEAD = "$TTL 300\n. IN SOA ns. hostmaster. 1 3600 600 86400 300\n. IN NS ns.\n"


def ip4(base, number):
    """The number-th of addresses that lie 4 apart."""
    n = (base << 16) + 4 * number
    return "11.%d.%d.%d/32" % (n >> 16 & 255, n >> 8 & 255, n & 255)


def ip6(number):
    """Of addresses that lie 65536 apart, as RFC 5952 writes them."""
    high, low = number >> 16, number & 65535
    groups = "2a0f:b00:%x:%x" % (high, low)
    if high == 0 and low == 0:
        groups = "2a0f:b00:"
    return groups + "::1/128" if high or low else groups + ":1/128"


def address(network):
    return network.split("/")[0]


class Zone:
    def __init__(self, directory):
        self.directory = directory
        self.zone = open(directory + "/zone", "w")
        self.list = open(directory + "/list", "w")
        self.queries = open(directory + "/queries", "w")
        self.zone.write(HEAD)
        self.hosts4, self.hosts6 = [], []
        self.lookups = 0

    def listed(self, name):
        self.list.write(name + "\n")

    def ask(self, name, kind):
        self.queries.write("%s %s\n" % (name, kind))
        self.lookups += 1

    def spf(self, name, terms):
        self.ask(name, "TXT")
        self.zone.write('%s. IN TXT "v=spf1 %s -all"\n' % (name, terms))

    def mx(self, name, host):
        self.ask(name, "MX")
        self.zone.write("%s. IN MX 10 %s.\n" % (name, host))

    def host(self, name):
        """Every host has an IPv4 address, every second one IPv6, too."""
        number = len(self.hosts4)
        self.ask(name, "A")
        self.ask(name, "AAAA")
        self.hosts4.append(ip4(64, number))
        self.zone.write("%s. IN A %s\n" % (name, address(self.hosts4[-1])))
        if number % 2 == 0:
            self.hosts6.append(ip6(number + 1))
            self.zone.write(
                "%s. IN AAAA %s\n" % (name, address(self.hosts6[-1])))

    def close(self, truth):
        for f in (self.zone, self.list, self.queries):
            f.close()
        with open(self.directory + "/truth", "w") as f:
            for network in truth:
                f.write(network + "\n")


def packaged(directory, long=False):
    """43 domains and 143 lookups in 5 rounds, as the packaged lists need.
    long: the answer for one include on the longest path takes TCP."""
    z = Zone(directory)
    own, included = [], []
    if long:
        for n in range(7):
            z.zone.write('one.d0.example. IN TXT "other text %d%s"\n'
                         % (n, 200 * "."))

    def include(name, terms):
        included.append(ip4(128, len(included)))
        z.spf(name, ("ip4:%s %s" % (included[-1], terms)).strip())

    for d in range(43):
        name = "d%d.example" % d
        terms = []
        if d < 41:
            terms.append("include:one." + name)
            include("one." + name,
                    "include:two." + name if d < 10 else "")
        if d < 10:
            include("two." + name,
                    "include:three." + name if d < 6 else "")
        if d < 6:
            include("three." + name, "a:host." + name if d < 4 else "")
        if d < 4:
            z.host("host." + name)
        if 20 <= d < 25:
            terms.append("mx")
            z.mx(name, "mail." + name)
            z.host("mail." + name)
        if 25 <= d < 35:
            terms.append("a:out." + name)
            z.host("out." + name)
        own.append(ip4(0, d))
        z.spf(name, " ".join(["ip4:" + own[-1]] + terms))
        z.listed(name)
    assert z.lookups == 143
    z.close(own + z.hosts4 + included + z.hosts6)


def wide(directory, n):
    """n domains, about 1.96 lookups each; two in five have hosts or an
    include of their own, all share 80 includes, and these another 20."""
    z = Zone(directory)
    own, included = [], []
    for d in range(n):
        name = "d%d.example" % d
        terms = ""
        kind = d % 25
        if kind < 6:
            terms = "mx "
            z.mx(name, "mail." + name)
            z.host("mail." + name)
        elif kind < 8:
            terms = "a:out." + name + " "
            z.host("out." + name)
        elif kind < 10:
            included.append(ip4(128, len(included)))
            z.spf("own." + name, "ip4:" + included[-1])
            terms = "include:own." + name + " "
        own.append(ip4(0, d))
        z.spf(name, "ip4:%s %sinclude:s%d.shared.example"
              % (own[-1], terms, d % 80))
        z.listed(name)
    shared = []
    for s in range(min(80, n)):
        shared.append("23.0.%d.0/24" % (2 * s))
        z.spf("s%d.shared.example" % s, "ip4:%s include:t%d.shared.example"
              % (shared[-1], s % 20))
    for t in range(min(20, n)):
        shared.append("23.1.%d.0/24" % (2 * t))
        z.spf("t%d.shared.example" % t, "ip4:" + shared[-1])
    z.close(own + z.hosts4 + included + shared + z.hosts6)


def main():
    shape, n, directory = sys.argv[1:]
    if shape == "wide":
        wide(directory, int(n))
    else:
        packaged(directory, shape == "truncated")


if __name__ == "__main__":
    main()
