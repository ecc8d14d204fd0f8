"""What a lookup in a flat and in an indexed table costs Postfix, and what
loading it costs: by postmap, which shares postscreen's code.
"""

import ipaddress
import os
import random
import statistics
import subprocess
import time

QUESTIONS = 200000  # of an indexed table; fewer of a large flat one
FLAT_WORK = 4e7     # rules visited, about


def networks(n):
    """A tenth of them IPv6; few adjoin one another."""
    rnd, found = random.Random(1), set()
    while len(found) < n:
        if 10 * len(found) >= 9 * n:
            prefix = rnd.choice((32, 48, 48, 64, 64, 128))
            number = (0x2a << 120) + rnd.getrandbits(120)
            found.add(ipaddress.IPv6Network(
                (number >> (128 - prefix) << (128 - prefix), prefix)))
        else:
            prefix = rnd.choice((24, 24, 24, 26, 28, 30, 32, 32))
            number = rnd.randrange(11 << 24, 223 << 24)
            found.add(ipaddress.IPv4Network(
                (number >> (32 - prefix) << (32 - prefix), prefix)))
    return found


def questions(nets, version, n):
    """Half of them have an answer, most of the others have none."""
    rnd = random.Random(2)
    firsts = sorted(x.network_address for x in nets if x.version == version)
    return "".join(
        "%s\n" % (rnd.choice(firsts) if i % 2 == 0 else
                  ipaddress.IPv4Address(rnd.getrandbits(32)) if version == 4
                  else ipaddress.IPv6Address(
                      (0x2a << 120) + rnd.getrandbits(120)))
        for i in range(n))


def ask(top, table, text):
    """The processor time it took, and the answers."""
    with open(top + "/questions", "w") as f:
        f.write(text)
    with open(top + "/questions") as f, open(top + "/answers", "w+") as out:
        p = subprocess.Popen(["postmap", "-c", top, "-q", "-",
                              "cidr:" + table], stdin=f, stdout=out)
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = status
        out.seek(0)
        return usage.ru_utime + usage.ru_stime, out.read(), status


def loaded(top, table):
    """Resident megabytes of a postmap that has answered one question."""
    p = subprocess.Popen(["postmap", "-c", top, "-q", "-", "cidr:" + table],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    p.stdin.write(b"192.0.2.1\n")
    p.stdin.flush()
    while True:  # until it waits for the next one
        time.sleep(0.02)
        with open("/proc/%d/stat" % p.pid) as f:
            if f.read().rsplit(")", 1)[1].split()[0] == "S":
                break
    with open("/proc/%d/status" % p.pid) as f:
        kilobytes = [x.split()[1] for x in f if x.startswith("VmHWM")][0]
    p.communicate()
    return int(kilobytes) / 1024


def measure(top, postpermit, sizes, repeat, say):
    """Return what is wrong, if anything."""
    with open(top + "/main.cf", "w") as f:
        f.write("compatibility_level = 3.6\n")
    os.utime(top + "/main.cf", (0, 0))
    empty = top + "/empty"
    with open(empty, "w") as f:
        f.write("# no rule\n")
    say("postmap with an empty table: %.1f MB", loaded(top, empty))
    for n in sizes:
        nets = networks(n)
        with open(top + "/list", "w") as f:
            f.writelines("ip%d:%s\n" % (x.version, x) for x in nets)
        cost = {}
        for layout in ("flat", "indexed"):
            table = "%s/%s" % (top, layout)
            subprocess.run([postpermit, "expand", "-q", "-l", top + "/list",
                            "-o", "table_layout=" + layout, "-O", table],
                           check=True)
            cost[layout] = layout_cost(top, table, layout, nets, repeat)
        flat, indexed = cost["flat"], cost["indexed"]
        for version in (4, 6):
            both = questions(nets, version, 500)
            if ask(top, top + "/flat", both)[1:] != \
                    ask(top, top + "/indexed", both)[1:]:
                return "%d rules: the tables do not agree" % n
        for i, what in enumerate(("IPv4 lookup, us", "IPv6 lookup, us",
                                  "loading, ms", "memory, MB")):
            say("%7d rules  %-16s flat %9.2f  indexed %7.2f  %s", n, what,
                flat[i], indexed[i],
                "1/%.0f" % (flat[i] / indexed[i]) if i < 2 else
                "x %.2f" % (indexed[i] / flat[i]))
    return None


def layout_cost(top, table, layout, nets, repeat):
    """us a lookup for IPv4 and IPv6, ms and MB to load."""
    loading = statistics.median(
        ask(top, table, "192.0.2.1\n")[0] for _ in range(repeat))
    n = QUESTIONS if layout == "indexed" else \
        max(200, min(QUESTIONS, int(FLAT_WORK / len(nets))))
    lookups = []
    for version in (4, 6):
        text = questions(nets, version, n)
        lookups.append((statistics.median(
            ask(top, table, text)[0] for _ in range(min(repeat, 3)))
            - loading) / n * 1e6)
    return lookups + [loading * 1e3, loaded(top, table)]
