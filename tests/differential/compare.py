"""One zone, several domains: postpermit's table against the judge."""

import contextlib
import ipaddress
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile

import judge
from judge import Missing, TooMany

GUARDS_OFF = ["-o", "min_prefix4=0", "-o", "min_prefix6=0",
              "-o", "max_coverage4=100%", "-o", "max_coverage6=100%",
              "-o", "max_networks=0", "-o", "permit_reserved=yes"]
STRICT = {"default": [], "strict": ["-o", "strict=yes"]}
# Nothing that would make postmap ask for the name of this host.
MAIN_CF = """compatibility_level = 3.6
myhostname = host.invalid
mydomain = invalid
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
"""
BITS = {4: 32, 6: 128}
SECOND_OPINION = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "second-opinion")

required = (os.environ.get("CI") == "true"
            or os.environ.get("POSTPERMIT_TESTS_REQUIRE") == "1")


class Broken(Exception):
    """A program failed, or said what it must not say."""


class Bounded(Exception):
    """postpermit's own bounds for one listed domain came first."""


class Tools:
    """The programs, the judges, and a directory; one a process."""

    def __init__(self, postpermit, keep):
        self.postpermit, self.keep = postpermit, keep
        self.dir = tempfile.mkdtemp(prefix="postpermit-differential.")
        self.zone_file = os.path.join(self.dir, "zone")
        self.table = os.path.join(self.dir, "table")
        main_cf = os.path.join(self.dir, "main.cf")
        with open(main_cf, "w") as f:
            f.write(MAIN_CF)
        os.utime(main_cf, (0, 0))  # Postfix waits for a fresh one to settle
        self.spf = {"default": judge.load(limits=False),
                    "strict": judge.load(limits=True)}
        self.judge = {"default": judge.DefaultJudge,
                      "strict": judge.StrictJudge}

    def expand(self, domains, mode):
        """The table for these domains; what is on stderr."""
        done = subprocess.run(
            [self.postpermit, "expand", "-r", self.zone_file] + GUARDS_OFF
            + STRICT[mode] + ["--"] + domains, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = done.stderr.decode("latin-1")
        if done.returncode not in (0, 1, 3) or "Sanitizer" in said:
            raise Broken("exit status %d: %s" % (
                done.returncode, said[-300:]))
        if done.returncode == 1 and done.stdout:
            raise Broken("exit status 1 with a table")
        if mode == "default" and ("for one listed domain" in said
                                  or "inside each other" in said):
            raise Bounded()
        return done.stdout.decode("ascii")

    def permitted(self, table, addresses):
        """Those of the addresses that Postfix finds in the table."""
        with open(self.table, "w") as f:
            f.write(table)
        asked = subprocess.run(
            ["postmap", "-c", self.dir, "-q", "-", "cidr:" + self.table],
            input="".join("%s\n" % a for a in addresses), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if asked.stderr:
            raise Broken("postmap: " + asked.stderr)
        found = [line.split("\t") for line in asked.stdout.splitlines()]
        if any(word != "permit" for _, word in found):
            raise Broken("a result other than permit")
        return {address for address, _ in found}


    def second_opinion(self, zone, mode, asked):
        """What libmail-spf-perl says of (domain, address) pairs, or []."""
        zone.write(self.zone_file)
        done = subprocess.run(
            [SECOND_OPINION, self.zone_file, mode], text=True,
            input="".join("%s %s\n" % pair for pair in asked),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return done.stdout.splitlines() if done.returncode == 0 else []


tools = None


def networks(table):
    return [ipaddress.ip_network(line.split("\t")[0])
            for line in table.splitlines() if line[:1] not in ("#", "i", "e")]


# Which addresses are worth a question

IP_TERM = re.compile(rb"(?i)ip[46]?[:=]([0-9a-f:.]+)(?:/([0-9]+))?")
LENGTH = re.compile(rb"/([0-9]{1,3})")


def boundaries(zone, table):
    """The first and the last address of every network in the zone and in the
    table, and those one before and one behind. (Numbers, by family.)"""
    edges = {4: {0, 2 ** 32}, 6: {0, 2 ** 128}}
    lengths = {32, 128}
    hosts = set()

    def add(address, length):
        bits = BITS[address.version]
        if length <= bits:
            size = 1 << bits - length
            first = int(address) // size * size
            edges[address.version].update((first, first + size))

    for at in zone.rrs.values():
        for strings in at.get("TXT", []):
            text = b"".join(strings)
            lengths.update(int(n) for n in LENGTH.findall(text))
            for found, length in IP_TERM.findall(text):
                try:
                    address = ipaddress.ip_address(found.decode())
                except ValueError:
                    continue
                add(address, BITS[address.version])
                if length:
                    add(address, int(length))
        hosts.update(at.get("A", []) + at.get("AAAA", []))
    for address in map(ipaddress.ip_address, hosts):
        for length in lengths:
            add(address, length)
    for net in networks(table):
        add(net.network_address, net.prefixlen)
    return edges


def questions(zone, table):
    addresses = []
    for version, edges in boundaries(zone, table).items():
        numbers = {n for edge in edges for n in (edge - 1, edge)
                   if 0 <= n < 2 ** BITS[version]}
        kind = {4: ipaddress.IPv4Address, 6: ipaddress.IPv6Address}[version]
        addresses += [kind(n) for n in sorted(numbers)]
    return [str(a) for a in addresses if not judge.is_ipv4(a)]


# Comparing

class Findings:
    def __init__(self):
        self.zones = self.domains = self.addresses = self.passes = 0
        self.skipped = 0
        self.disagreements = []  # what is printed about each
        self.tables = []  # (domain, networks)

    def add(self, other):
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def __str__(self):
        return ("%d zones, %d domains, %d addresses (%d pass), "
                "%d domains skipped, %d disagreements" % (
                    self.zones, self.domains, self.addresses, self.passes,
                    self.skipped, len(self.disagreements)))


def compare_domain(zone, judged, domain, mode, only=None):
    """(table, [(address, permitted, result)], addresses asked, passes)"""
    table = tools.expand([domain], mode)
    asked = only or questions(zone.reachable(domain), table)
    permitted = tools.permitted(table, asked)
    wrong, passes = [], 0
    for address in asked:
        result = judged.result(domain, address)
        passes += result == "pass"
        if (result == "pass") != (address in permitted) or (
                mode == "default" and result in ("permerror", "temperror")):
            wrong.append((address, address in permitted, result))
    return table, wrong, len(asked), passes


def compare_zone(zone, name, mode, shrink=True):
    found = Findings()
    found.zones = 1
    judged = tools.judge[mode](tools.spf[mode], zone)
    for domain in zone.domains:
        zone.write(tools.zone_file)  # shrinking writes others
        try:
            table, wrong, n, passes = compare_domain(
                zone, judged, domain, mode)
        except (TooMany, Bounded):
            found.skipped += 1
            continue
        except Broken as e:
            found.disagreements.append(keep(zone, name, mode, domain, str(e)))
            continue
        found.domains += 1
        found.addresses += n
        found.passes += passes
        found.tables.append((domain, networks(table)))
        if wrong:
            found.disagreements.append(report(
                zone, name, mode, domain, wrong, shrink))
    if not found.disagreements:
        try:
            compare_all(found.tables, mode)
        except Broken as e:
            found.disagreements.append(keep(
                zone, name, mode, "all of its domains", str(e)))
    return found


def compare_all(tables, mode):
    """What all domains together permit is what each permits."""
    domains = [domain for domain, _ in tables]
    each = [net for _, nets in tables for net in nets]
    if domains and networks(tools.expand(domains, mode)) != union(each):
        raise Broken("the table of all is not the union of those of each")


def compare_second(zone, name, every=5):
    """Strict mode against libmail-spf-perl, for some of the addresses."""
    found = Findings()
    found.zones = 1
    zone.write(tools.zone_file)
    asked, permitted = [], []
    for domain in zone.domains:
        try:
            table = tools.expand([domain], "strict")
        except Broken as e:
            found.disagreements.append(keep(
                zone, name, "strict", domain, str(e)))
            continue
        addresses = questions(zone.reachable(domain), table)[::every]
        of_domain = tools.permitted(table, addresses)
        asked += [(domain, address) for address in addresses]
        permitted += [address in of_domain for address in addresses]
    said = tools.second_opinion(zone, "strict", asked)
    if len(said) != len(asked):
        raise Missing("libmail-spf-perl is missing, or it failed")
    wrong = {}
    for (domain, address), permits, result in zip(asked, permitted, said):
        found.addresses += 1
        found.passes += result == "pass"
        if permits != (result == "pass"):
            wrong.setdefault(domain, []).append((address, permits, result))
    found.domains = len(zone.domains)
    found.disagreements += [
        report(zone, name, "strict", domain, answers, False, "second opinion")
        for domain, answers in wrong.items()]
    return found


def union(nets):
    return [net for version in (4, 6) for net in ipaddress.
            collapse_addresses(n for n in nets if n.version == version)]


def keep(zone, name, mode, domain, text):
    """What is printed about a disagreement. The zone is kept."""
    path = os.path.join(tools.keep, "%s-%s.zone" % (
        name.replace(" ", "-"), mode))
    os.makedirs(tools.keep, exist_ok=True)
    zone.write(path)
    return "%s, %s mode, %s, %s: %s" % (name, mode, path, domain, text)


def report(zone, name, mode, domain, wrong, shrink, who="judge"):
    address, permitted, result = wrong[0]
    text = keep(zone, name, mode, domain, "%s: postpermit %s, %s: %s "
                "(and %d addresses more)" % (
                    address, "permits" if permitted else "does not permit",
                    who, result, len(wrong) - 1))
    second = tools.second_opinion(zone, mode, [(domain, address)])
    if second:
        text += "\n  libmail-spf-perl: " + second[0]
    if shrink:
        small = shrunk(zone, domain, address, mode, permitted)
        text += "\n  is about:\n" + "".join(
            "    %s\n" % line.replace("\t0\tIN\t", " ")
            for line in small.lines() if line[0] != ";")
    return text


# Making a disagreement small

def shrunk(zone, domain, address, mode, permitted):
    """The zone without all that the disagreement can do without."""
    def disagrees(candidate):
        candidate.write(tools.zone_file)
        judged = tools.judge[mode](tools.spf[mode], candidate)
        try:
            wrong = compare_domain(
                candidate, judged, domain, mode, [address])[1]
        except (TooMany, Bounded, Broken):
            return False
        return bool(wrong) and wrong[0][1] == permitted

    progress = True
    while progress:
        progress = False
        for candidate in smaller_zones(zone):
            if disagrees(candidate):
                zone, progress = candidate, True
                break
    return zone


def smaller_zones(zone):
    for name in zone.rrs:
        less = zone.copy()
        del less.rrs[name]
        yield less
    for name, at in zone.rrs.items():
        for rr_type, data in at.items():
            for i in range(len(data)):
                less = zone.copy()
                del less.rrs[name][rr_type][i]
                if not less.rrs[name][rr_type]:
                    del less.rrs[name][rr_type]
                yield less
        for i, strings in enumerate(at.get("TXT", [])):
            words = b"".join(strings).split(b" ")
            for k in range(1, len(words)):
                less = zone.copy()
                text = b" ".join(words[:k] + words[k + 1:])
                less.rrs[name]["TXT"][i] = [
                    text[j:j + 255] for j in range(0, len(text), 255)]
                yield less


# Running

def add_options(parser):
    parser.add_argument("--postpermit", default=os.environ.get("POSTPERMIT"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", metavar="DIRECTORY", default=os.path.join(
        tempfile.gettempdir(), "postpermit-disagreements"))


def start(postpermit, keep):
    global tools
    tools = Tools(postpermit, keep)
    multiprocessing.util.Finalize(
        None, shutil.rmtree, (tools.dir, True), exitpriority=1)


@contextlib.contextmanager
def workers(options):
    """What calls a function for each task: processes, or this one alone where a
    user can have no semaphores (/dev/shm)."""
    arguments = options.postpermit, options.keep
    try:
        pool = multiprocessing.Pool(options.jobs, start, arguments)
    except OSError:
        start(*arguments)
        yield map
        return
    with pool:
        yield lambda function, todo: pool.imap_unordered(function, todo, 4)
        pool.close()
        pool.join()


def missing(options):
    """Why it cannot run here, or None."""
    if not options.postpermit or not os.access(options.postpermit, os.X_OK):
        return "POSTPERMIT or --postpermit does not name the program"
    if not shutil.which("postmap"):
        return "postmap is missing"
    try:
        judge.load(limits=True)
    except Missing as e:
        return str(e)
    if subprocess.run(["perl", "-MMail::SPF", "-e1"], stdin=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL).returncode:
        return "libmail-spf-perl is missing"
    return None


def skip(why):
    """Leaves without a test, which is a failure where nothing may miss."""
    print("1..0 # SKIP " + why if not required else "Bail out! " + why)
    return int(required)


def run(options, function, tasks, zone_file=None):
    """Calls function for each task of each mode; reports in TAP.

    zone_file: has all that the tasks know, and is expanded at the end.
    """
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    sys.setrecursionlimit(20000)
    why = missing(options)
    if why:
        return skip(why)
    options.postpermit = os.path.abspath(options.postpermit)
    print("1..%d" % len(tasks), flush=True)
    total = Findings()
    with workers(options) as each:
        for number, (mode, todo) in enumerate(tasks.items(), 1):
            found = Findings()
            for one in each(function, todo):
                for text in one.disagreements:
                    print("# " + text.replace("\n", "\n# "), flush=True)
                found.add(one)
            if zone_file:
                start(options.postpermit, options.keep)
                tools.zone_file = zone_file
                try:
                    compare_all(found.tables, mode)
                except Broken as e:
                    found.disagreements.append("%s: %s" % (zone_file, e))
                    print("# " + found.disagreements[-1], flush=True)
            print("%s %d - %s mode: %s" % (
                "not ok" if found.disagreements or not found.addresses
                else "ok", number, mode, found), flush=True)
            total.add(found)
    print("# %s" % total)
    return int(bool(total.disagreements))
