"""Random zones. The same seed gives the same zone."""

import random

import grammar
from zone import TYPES, Zone

QUALIFIERS = ["", "", "", "", "", "+", "-", "-", "~", "?"]
EVALUATIONS_MAX = 150  # records that one domain may lead to


class Generator:
    """tame: without what python3-spf and libmail-spf-perl see differently."""

    def __init__(self, seed, tame=False):
        self.tame = tame
        self.rng = random.Random("postpermit %d" % seed)
        rng = self.rng
        # What this zone is like.
        self.breaks = rng.random() < 0.35 and rng.choice([0.03, 0.1, 0.3])
        if tame:
            self.breaks = False
        self.loops = rng.random() < 0.25
        self.client = 0 if tame else rng.choice([0, 0, 0.05, 0.2])
        self.voids = rng.choice([0.02, 0.1, 0.3])
        self.nesting = rng.choice([1, 2, 4, 8])
        self.macro = rng.choice([0, 0.1, 0.4])
        self.lengths4 = rng.sample([32, 31, 30, 28, 27, 25, 24, 23, 20], 3)
        self.lengths6 = rng.sample([128, 127, 124, 64, 63, 56, 48, 41], 3)
        if rng.random() < 0.1:
            self.lengths4.append(rng.choice([0, 1, 8]))
            self.lengths6.append(rng.choice([3 if tame else 0, 3, 32]))
        self.zone = Zone(failing=rng.random() < 0.15)
        self.cost = {}

    def chance(self, p):
        return self.rng.random() < p

    # Names and hosts

    def make_names(self):
        rng = self.rng
        zones = ["z%d.test" % i for i in range(rng.randint(1, 3))]
        zones += ["a-b.c_%d.test" % rng.randint(0, 9)]
        if self.chance(0.2):
            zones.append("x" * 63 + "." + "y" * 60 + ".long.test")

        def names(letter, low, high):
            return ["%s%d.%s" % (letter, i, rng.choice(zones))
                    for i in range(rng.randint(low, high))]

        most = 5 if self.loops else 12
        self.senders = names("d", 3, most) + rng.sample(zones, 1)
        if self.chance(0.3):
            self.senders.append("e!1." + zones[0])  # %{D} escapes it
        self.hosts = names("h", 3, 12)
        self.aliases = names("c", 0, 5)
        self.absent = names("no", 2, 4)
        self.silent = names("s", 1, 3)  # without SPF

    def make_aliases(self):
        """CNAMEs; what an alias leads to is known before records are."""
        self.leads_to = {}
        others = self.hosts + self.absent[:1] + self.silent
        for name in dict.fromkeys(self.aliases):
            target = self.rng.choice(others + 2 * self.senders + self.aliases)
            self.zone.add(name, "CNAME", target)
            self.leads_to[name] = target

    def behind(self, name):
        for _ in self.aliases:
            name = self.leads_to.get(name, name)
        return name

    def address4(self):
        rng = self.rng
        third = rng.choice([0, 0, 1, 2, 3, 7, 8, 15])
        return "11.0.%d.%d" % (third, rng.choice(
            [0, 1, 2, 3, 4, 127, 128, 254, 255, rng.randint(0, 255)]))

    def address6(self):
        rng = self.rng
        return "2a0f:b00:%x:%x::%x" % (
            rng.choice([0, 0, 1, 2, 0x80]), rng.choice([0, 0, 1, 0xff]),
            rng.choice([0, 1, 2, 3, 0xf, 0x10]))

    def make_hosts(self):
        rng, zone = self.rng, self.zone
        for host in self.hosts + [s for s in self.senders if self.chance(0.5)]:
            for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
                zone.add(host, "A", self.address4())
            for _ in range(rng.choice([0, 0, 1, 1, 2])):
                zone.add(host, "AAAA", self.address6())
        for name in self.senders + self.hosts[:2] + self.silent:
            if self.chance(0.5):
                self.add_mx(name)
        for name in self.silent:
            if self.chance(0.5):
                zone.add(name, "TXT", [b"no record of ours"])

    def add_mx(self, name):
        rng = self.rng
        many = not self.tame and self.chance(0.1)
        if not self.tame and self.chance(0.1):
            self.zone.add(name, "MX", (0, ""))
            if not many and self.chance(0.7):
                return
        hosts = self.hosts + self.aliases + self.absent[:1]
        for _ in range(rng.randint(9, 13) if many else
                       1 if self.tame else rng.randint(1, 3)):
            data = (rng.choice([0, 5, 10, 10, 20]), rng.choice(hosts).lower())
            if data not in self.zone.rrs.get(name, {}).get("MX", []):
                self.zone.add(name, "MX", data)

    # Terms

    def cased(self, text):
        rng = self.rng
        how = rng.choice(["as is"] * 6 + ["upper", "mixed"])
        if how == "upper":
            return text.upper()
        if how == "mixed":
            return "".join(rng.choice([c, c.upper()]) for c in text)
        return text

    def macro_spec(self, owner):
        rng = self.rng
        number = rng.choice(["", "", "", "1", "2", "3", "9"])
        reverse = rng.choice(["", "", "", "r", "r" if self.tame else "R"])
        delimiters = rng.choice(["", "", "", "-", ".", "-_", "_."])
        if self.tame and not number + reverse:
            delimiters = ""
        macro = "%%{%s%s%s%s}" % (
            rng.choice("ddddooDO"), number, reverse, delimiters)
        return rng.choice([
            macro, macro + "." + rng.choice(self.senders),
            rng.choice(["h0.", "d1.", "", "_x.", "%%.", "%_%-."]) + macro,
            "h1.%s.test" % macro, macro + ".test.",
            "%s.%s" % (macro, macro)])

    def long_name(self, name):
        """About as long as a name can be, or longer."""
        while len(name) < 240:
            name = "l" * 9 + "." + name
        left = self.rng.choice([252, 253, 254, 255, 256, 300]) - len(name)
        while left > 1:
            label = min(left - 1, self.rng.randint(1, 63))
            name = "l" * label + "." + name
            left -= label + 1
        return name

    def used(self, spec, owner):
        """A domain-spec; the names that it means may get addresses."""
        for origin in self.senders if "%" in spec else [owner]:
            name = grammar.expand(spec, owner, origin)
            if (self.chance(0.6) and self.is_plain(name)
                    and name not in self.zone.rrs):
                self.zone.add(name, "A", self.address4())
                self.zone.add(name, "AAAA", self.address6())
        return spec

    def spec(self, owner, names):
        rng = self.rng
        if self.chance(0.8 if "!" in owner else self.macro):
            spec = self.macro_spec(owner)
            return self.used(spec, owner)
        if self.chance(0.02):
            return self.used(self.long_name(rng.choice(names)), owner)
        if not self.tame and self.chance(0.02):
            return rng.choice(["a..test", "l" * 64 + ".test", ".test",
                               "x.test..test", "%{d1}", "%{o}.%{d}"])
        if self.chance(self.voids):
            names = self.absent
        name = rng.choice(names)
        return self.cased(name) + ("." if self.chance(0.1) else "")

    @staticmethod
    def is_plain(name):
        return (2 <= len(name.split(".")) and len(name) <= 253
                and all(0 < len(label) < 64 for label in name.split("."))
                and not set(name) - grammar.ALNUM - set("-_.!%"))

    def client_spec(self):
        return self.rng.choice(
            ["%{i}._spf.z0.test", "%{ir}.%{v}.d0.test", "%{l}.z0.test",
             "%{p}", "%{s}.test", "%{h}", "%{L1r-}.z1.test", "%{d}.%{i}"])

    def dual_cidr(self):
        text = ""
        if self.chance(0.4):
            text += "/%d" % self.rng.choice(self.lengths4)
        if self.chance(0.3):
            text += "//%d" % self.rng.choice(self.lengths6)
        return text

    def targets(self, owner):
        """Records that owner may include."""
        names = list(self.senders)
        if not self.loops:
            names = names[names.index(owner) + 1:]
        ends = names + self.silent + self.absent + self.hosts
        return (2 * names + self.silent[:1]
                + [a for a in self.aliases if self.behind(a) in ends])

    def spend(self, owner, spec):
        """Whether the record may lead to that one, too."""
        if "%" in spec:
            return self.loops or not self.may_loop(owner, spec)
        target = self.behind(spec.rstrip(".").lower())
        cost = self.cost.get(target, 1)
        if self.loops:
            return True
        if self.cost[owner] + cost > EVALUATIONS_MAX:
            return False
        self.cost[owner] += cost
        return True

    def may_loop(self, owner, spec):
        """Whether a macro leads to a record at or before owner; or to one
        that leads on, for it was not counted."""
        names = {grammar.expand(spec, owner, origin)
                 for origin in self.senders}
        return bool(names & set(self.senders + self.aliases))

    def term(self, owner):
        rng = self.rng
        if self.chance(self.client):
            return rng.choice(["ptr", "ptr:z0.test", "exists:", "exists:",
                               "a:", "mx:", "include:"])
        word = rng.choices(
            ["ip4", "ip6", "a", "mx", "include", "exists", "other"],
            [30, 15, 15, 9, 6 * self.nesting, 4, 3])[0]
        if word == "ip4":
            length = rng.choice(["", "", "/%d" % rng.choice(self.lengths4),
                                 "/%d" % rng.randint(16, 32)])
            return self.cased("ip4:") + self.address4() + length
        if word == "ip6":
            length = rng.choice(["", "/%d" % rng.choice(self.lengths6)])
            return self.cased("ip6:" + rng.choice(
                [self.address6(), self.address6(),
                 "2A0F:b00::11.0.0.%d" % rng.randint(0, 9)])) + length
        if word in ("a", "mx"):
            names = {"a": self.hosts + self.senders + self.aliases,
                     "mx": self.senders + self.hosts[:2] + self.aliases}[word]
            spec = ("" if self.chance(0.3)
                    else ":" + self.spec(owner, names))
            return self.cased(word) + spec + self.dual_cidr()
        if word == "exists":
            return self.cased("exists:") + self.spec(owner, self.hosts)
        if word == "include":
            spec = self.spec(owner, self.targets(owner) or self.silent)
            if self.spend(owner, spec):
                return self.cased("include:") + spec
        return self.modifier()

    def modifier(self):
        rng = self.rng
        return "%s=%s" % (
            rng.choice(["x", "X-y.z_1", "op", "default", "moo", "rd", "a",
                        "all", "ip4", "ip6", "include", "mx", "ptr", "exists",
                        "v"]),
            rng.choice(["", "1", "11.0.0.1", "d0.z0.test", "%{d}", "a=b/c:d",
                        "2a0f:b00::/32", "%{h}%{i}%%", "-all", "pass"]))

    def finish_client(self, term):
        return term + self.client_spec() if term.endswith(":") else term

    def record(self, owner):
        rng = self.rng
        self.cost[owner] = 1
        terms = []
        for _ in range(rng.choice([0, 1, 2, 3, 3, 4, 5, 6, 8, 12])):
            term = self.finish_client(self.term(owner))
            if "=" not in term.split(":")[0]:
                term = rng.choice(QUALIFIERS) + term
            terms.append(term)
        if self.chance(0.7):
            terms.append(rng.choice(["-", "-", "-", "~", "?", "+", ""])
                         + self.cased("all"))
            if self.chance(0.05):
                terms.append(self.finish_client(self.term(owner)))
        if self.chance(0.25 if self.nesting < 8 else 0.5):
            spec = self.spec(owner, self.targets(owner) or self.silent)
            if self.chance(self.client):
                spec = self.client_spec()
            if self.spend(owner, spec):
                self.insert(terms, self.cased("redirect=") + spec)
        if self.chance(0.1):
            self.insert(terms, self.cased("exp=") + rng.choice(
                [self.spec(owner, self.silent), "%{i}.test", "%{d}"]))
        if self.breaks:
            terms = [self.broken(t) if self.chance(self.breaks) else t
                     for t in terms]
        text = self.cased("v=spf1")
        for term in terms:
            text += " " * rng.choice([1, 1, 1, 1, 2, 3]) + term
        text += rng.choice(["", "", "", " ", "  "])
        if self.breaks and self.chance(self.breaks):
            text = self.scratched(text)
        return text.encode("latin-1")

    def insert(self, terms, modifier):
        terms.insert(self.rng.randint(0, len(terms)), modifier)

    # Broken terms

    def broken(self, term):
        rng = self.rng
        return rng.choice([
            lambda: term.replace(":", "", 1), lambda: term.replace(":", "="),
            lambda: term.replace("ip4", "ip"), lambda: term + "/33",
            lambda: term + "/129", lambda: term + "//129", lambda: term + "/",
            lambda: term + "/024", lambda: term + "//", lambda: term + ",",
            lambda: term + "/32/32", lambda: term + ":", lambda: term + ".",
            lambda: "++" + term, lambda: "+" + term, lambda: term * 2,
            lambda: term + "=", lambda: "=" + term, lambda: term[1:],
            lambda: "+redirect=d1.z0.test", lambda: "exp=", lambda: "redirect",
            lambda: "redirect=", lambda: "redirect=d1.z0.test",
            lambda: "redirect:d1.z0.test", lambda: "exp=d1.z0.test",
            lambda: "include", lambda: "exists", lambda: "all:", lambda: "a:",
            lambda: "all/24", lambda: "include:d1.z0.test/24", lambda: "mx/",
            lambda: "ptr/24", lambda: "a:h0", lambda: "a:11.0.0.1",
            lambda: "mx:h0.123", lambda: "a:h0.1-1", lambda: "a:h0.-test",
            lambda: "a:h0.te_st", lambda: "ip4:11.0.0", lambda: "ip4:",
            lambda: "ip4:11.0.0.256", lambda: "ip4:11.0.0.01",
            lambda: "ip4:11.0.0.0/8.", lambda: "ip4:11.0.0.1//32",
            lambda: "ip4:2a0f:b00::1", lambda: "ip6:11.0.0.1", lambda: "ip6",
            lambda: "ip6:2a0f:b00:::1", lambda: "ip6:2a0f::b00::1",
            lambda: "ip6:2a0f:b00::1/129", lambda: "ip6:2a0f:b00::g",
            lambda: "ip6:1:2:3:4:5:6:7:8:9", lambda: "ip6:2a0f:b00::12345",
            lambda: "ip6:1:2:3:4:5:6:7::", lambda: "ip6:::2:3:4:5:6:7:8",
            lambda: "ip6:::", lambda: "ip6:2a0f:b00::11.0.0.01",
            lambda: "11.0.0.1", lambda: "ipv4:11.0.0.1", lambda: "prt",
            lambda: "a:%{d0}.test", lambda: "a:%{x}.test", lambda: "a:%d.test",
            lambda: "a:%{d;}.test", lambda: "a:%{d.test", lambda: "a:%{}.test",
            lambda: "a:%{d2x}", lambda: "a:h%.test", lambda: "a:h0.%%%",
            lambda: "a:%{d}.", lambda: "a:%{d}test", lambda: "exists:%{c}.test",
            lambda: "x=%", lambda: "x=%{t}", lambda: "x=%{d0}", lambda: "-x=1",
            lambda: "9x=1", lambda: "exp=%{r}.test", lambda: "exp=x",
            lambda: "\t" + term, lambda: term + "\t", lambda: term + "\xa0",
            lambda: term.replace(":", ":\xe2\x80\x8b"), lambda: "\x01",
            lambda: term + "\n", lambda: term + "\x7f", lambda: "%{d}",
            lambda: "-", lambda: "?", lambda: "a:h\xe9.test", lambda: ":",
            lambda: "/24", lambda: "a/24:h0.z0.test", lambda: "a/0/0",
            lambda: "a/24//64/", lambda: "exists:%%", lambda: "a:%{d}.%-",
            lambda: "a:h0.%%", lambda: "a:x%_.%{d}", lambda: "mx:%{D}/24",
            lambda: "op=%", lambda: "default=%{x}", lambda: "a:x\ty.z0.test",
            lambda: "x=a\x01b", lambda: "exists:\x7fa.z0.test",
            lambda: "redirect=" + "%{d}" * 3 + ".\n.test",
        ])()

    def scratched(self, text):
        """A record with a few characters taken out, put in or replaced."""
        rng = self.rng
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(text))
            new = rng.choice("  +-~?:/=%{}.,0123aimpxlrd_\t\n\xff\\\"")
            text = rng.choice([text[:at] + text[at + 1:],
                               text[:at] + new + text[at:],
                               text[:at] + new + text[at + 1:]]) or "v"
        return text

    # The zone

    def strings(self, text):
        """Character-strings of a TXT record, cut where chance has it."""
        cuts = sorted(self.rng.randint(0, len(text)) for _ in range(
            self.rng.choice([0, 0, 0, 1, 2])))
        pieces, last = [], 0
        for cut in cuts + [len(text)]:
            piece = text[last:cut]
            last = cut
            while True:
                pieces.append(piece[:255])
                piece = piece[255:]
                if not piece:
                    break
        return pieces

    def add_record(self, name, owner):
        rng, zone = self.rng, self.zone
        records = [self.record(owner)]
        if self.breaks and self.chance(0.1):
            cost = self.cost[owner]
            records.append(self.record(owner))
            self.cost[owner] += cost
        for record in records:
            zone.add(name, "TXT", self.strings(record))
        if self.chance(0.2):
            zone.add(name, "TXT", rng.choice(
                [[b"v=spf10 ip4:11.0.0.0/8"], [b"v=spf1-all"], [b""],
                 [b" v=spf1 +all"], [b"spf2.0/pra +all"], [b"v=spf1\t+all"],
                 [b"google-site-verification=", b"x"], [b"\xff\x00"],
                 [b"v=spf1", b"x +all"], [b"v=spf 1 +all"],
                 [b"v=spf2"] if self.tame else [b"v=spf1\n"]]))

    def make(self):
        zone = self.zone
        self.make_names()
        self.senders = list(dict.fromkeys(self.senders))
        self.make_aliases()
        # The last first, so that the cost of what is included is known.
        for name in reversed(self.senders):
            self.add_record(name, name)
        if self.chance(0.1):
            zone.add("test", "TXT", [b"v=spf1 +all"])
        self.make_hosts()
        if zone.failing:
            self.make_failures()
        zone.domains = ([s for s in self.senders if "!" not in s]
                        + self.aliases[:1] + self.absent[:1] + self.silent[:1])
        return zone

    def make_failures(self):
        """What is empty, and lookups that fail instead of being answered."""
        zone = self.zone
        names = set(zone.rrs)
        for group in (self.senders, self.hosts, self.aliases, self.absent,
                      self.silent):
            names.update(group)
        for name in sorted(names):
            at = zone.rrs.get(name, {})
            for rr_type in TYPES:
                if self.chance(0.04) and name not in self.senders[:2]:
                    at.pop(rr_type, None)
                elif rr_type not in at and "CNAME" not in at:
                    zone.empty.add((name, rr_type))
            if name in zone.rrs and not at:
                del zone.rrs[name]
