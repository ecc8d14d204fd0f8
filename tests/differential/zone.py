"""A zone: what DNS says in a test."""

import copy

import grammar

TYPES = ("A", "AAAA", "MX", "TXT")
CONFIRMED = "confirmed 2026-01-01T00:00:00Z"


class Failure(Exception):
    """A lookup that gets no answer."""


class Zone:
    """rrs: name -> type -> list of data. Names are in lower case, without the
    final dot. Data of TXT: a list of character-strings as bytes; of MX:
    (preference, name or ""); of the others: text.

    An absent name does not exist, unless failing is set: then it is a file of
    saved answers, what has no data is in empty, and all other lookups failed.
    """

    def __init__(self, failing=False):
        self.rrs = {}
        self.domains = []  # what to ask postpermit for
        self.failing = failing
        self.empty = set()  # (name, type)

    def copy(self):
        return copy.deepcopy(self)

    def add(self, name, rr_type, data):
        self.rrs.setdefault(name.lower(), {}).setdefault(
            rr_type, []).append(data)

    def answer(self, name, rr_type):
        """(type, list of data): the type asked for, or CNAME; or nothing."""
        at = self.rrs.get(name, {})
        for found in (rr_type, "CNAME"):
            if found in at:
                return found, at[found]
        if self.failing and (name, rr_type) not in self.empty:
            raise Failure(name)
        return rr_type, []

    def resolve(self, name, rr_type):
        """The data behind CNAMEs, [] for none or a failure."""
        seen = set()
        while name not in seen:
            seen.add(name)
            try:
                found, data = self.answer(name, rr_type)
            except Failure:
                return []
            if found != "CNAME":
                return data
            name = data[0]
        return []

    def records(self, name):
        """The SPF records of a name, as text."""
        texts = [b"".join(strings) for strings in self.resolve(name, "TXT")]
        return [t.decode("latin-1") for t in texts if grammar.is_record(t)]

    def reachable(self, domain):
        """The part that check_host() for a domain can ask for."""
        part, todo = {}, [domain]
        while todo:
            name = todo.pop().rstrip(".").lower()
            if name in part:
                continue
            at = part[name] = self.rrs.get(name, {})
            todo += at.get("CNAME", []) + [host for _, host in at.get("MX", [])]
            for record in self.records(name):
                for term in record.split(" ")[1:]:
                    spec = grammar.domain_spec(term)
                    if spec is not None:
                        todo.append(grammar.expand(spec, name, domain))
        smaller = Zone(self.failing)
        smaller.rrs = {name: at for name, at in part.items() if at}
        smaller.empty, smaller.domains = self.empty, [domain]
        return smaller

    def lines(self):
        end = "\t; " + CONFIRMED if self.failing else ""
        for name in sorted(self.rrs):
            for rr_type, data in sorted(self.rrs[name].items()):
                for one in data:
                    yield "%s.\t0\tIN\t%s\t%s%s" % (
                        name, rr_type, text_of(rr_type, one), end)
        for name, rr_type in sorted(self.empty if self.failing else ()):
            if rr_type not in self.rrs.get(name, {}):
                yield "; %s. %s %s %s" % (
                    name, rr_type, "NODATA" if name in self.rrs
                    else "NXDOMAIN", CONFIRMED)

    def write(self, path):
        with open(path, "w", encoding="ascii") as f:
            if self.failing:
                f.write("; postpermit answers 1\n")
            for line in self.lines():
                f.write(line + "\n")
            if self.failing:
                f.write("; end of answers\n")


def quoted(string):
    return '"%s"' % "".join(
        "\\%03d" % c if c < 32 or c > 126 else
        "\\" + chr(c) if chr(c) in '"\\' else chr(c) for c in string)


def text_of(rr_type, data):
    if rr_type == "TXT":
        return " ".join(quoted(s) for s in data)
    if rr_type == "MX":
        return "%d %s." % data
    return data + "." if rr_type == "CNAME" else data
