"""The judge: python3-spf as check_host() of RFC 7208, without DNS.

DEVIATIONS names every place in which python3-spf (2.0.14) does not follow
RFC 7208, with the section that decides, and mends exactly that in a copy of
its source. RULES names what postpermit's manual decides, because no list of
addresses can hold it, and has the judge follow.
"""

import functools
import importlib.machinery
import ipaddress
import sys
import types

import grammar
from zone import Failure

# (what the RFC says, where, python3-spf's text, the text instead)
DEVIATIONS = [
    ("names of modifiers are case-insensitive",
     "RFC 7208 section 12, RFC 5234 section 2.3",
     "            mod,arg = m\n",
     "            mod,arg = m[0].lower(),m[1]\n"),
    ("only redirect= and exp= must not be repeated",
     "RFC 7208 section 6",
     "if mod in modifiers:",
     "if mod in modifiers and mod in ('redirect', 'exp'):"),
    ("default= is an unknown modifier like others",
     "RFC 7208 section 6",
     "elif mod == 'default':",
     "elif mod == 'default=':"),
    ("so is op=",
     "RFC 7208 section 6",
     "elif mod == 'op':",
     "elif mod == 'op=':"),
    ("redirect= counts as a lookup when it is evaluated, not before",
     "RFC 7208 sections 4.6.4 and 6.1",
     "                self.check_lookups()\n"
     "                redirect = self.expand_domain(arg)\n",
     "                redirect = self.expand_domain(arg)\n"
     "                redirect_spec = arg\n"),
    ("(the other half)",
     "RFC 7208 sections 4.6.4 and 6.1",
     "            if redirect:\n"
     "                #Catch redirect",
     "            if redirect:\n"
     "                self.check_lookups()\n"
     "            if redirect and not needs_client(redirect_spec):\n"
     "                #Catch redirect"),
    ("a query that ends in nothing behind a CNAME is one void lookup",
     "RFC 7208 section 4.6.4",
     "            raise Exception('Invalid query')\n",
     "            raise Exception('Invalid query')\n"
     "        behind_cname = cnames is not None\n"),
    ("(the other half)",
     "RFC 7208 section 4.6.4",
     "        if not result and not ignore_void:\n",
     "        if not result and not ignore_void and not behind_cname:\n"),
    ("a loop of CNAMEs is an error of DNS",
     "RFC 1034 section 3.6.2, RFC 7208 section 4.4",
     "if self.strict > 1: raise AmbiguityWarning('CNAME loop', cname)",
     "raise TempError('CNAME loop')"),
    ("a record that includes itself is no syntax error: what an earlier term "
     "matches never gets there",
     "RFC 7208 sections 4.6.2 and 5.2",
     "                if arg == self.d:\n"
     "                    if mech != 'include':\n"
     "                        raise PermError('include has trivial recursion'"
     ", mech)\n",
     "                if ':' not in mech:\n"),
    ("macros have a grammar: letters, delimiters, digits that are not 0; "
     "%% may end a domain-spec",
     "RFC 7208 sections 7.1 and 7.3",
     "            regex = RE_INVALID_MACRO\n"
     "            for label in s.split('.'):\n"
     "                if regex.search(s):\n"
     "                    raise PermError ('invalid-macro-char ', label)\n",
     "            if not RE_MACRO_STRING.match(s):\n"
     "                raise PermError('invalid macro', s)\n"),
    ("the transformer r is case-insensitive",
     "RFC 7208 section 7.1",
     "RE_ARGS = re.compile(r'([0-9]*)(r?)",
     "RE_ARGS = re.compile(r'([0-9]*)([rR]?)"),
    ("the parts of a macro are joined by dots, whatever the delimiter was",
     "RFC 7208 section 7.3",
     "JOINERS.get(letter))\n",
     "'.')\n"),
    ("labels are removed until a name has at most 253 characters",
     "RFC 7208 section 7.3",
     "            if len(result) > 253:\n",
     "            while len(result) > 253 and '.' in result:\n"),
    ("terms consist of visible ASCII characters",
     "RFC 7208 section 12",
     "        spf = [mech for mech in spf[1:] if mech]\n",
     "        spf = [mech for mech in spf[1:] if mech]\n"
     "        for mech in spf:\n"
     "            if not RE_VISIBLE.match(mech):\n"
     "                raise PermError('Invalid character', mech)\n"),
    ("what follows v=spf1 is a space or nothing, not a newline",
     "RFC 7208 section 4.5",
     "br'^v=spf1$|",
     r"br'^v=spf1\Z|"),
    ("a name of one label gets no lookup, but none",
     "RFC 7208 section 4.3",
     "        for label in domain.split('.'):\n          if not label",
     "        if '.' not in domain: return None\n"
     "        for label in domain.split('.'):\n          if not label"),
    ("a null MX names no host",
     "RFC 7505 section 3, RFC 7208 section 4.6.4",
     "        mxnames = self.dns(domainname, 'MX')\n",
     "        mxnames = [x for x in self.dns(domainname, 'MX')\n"
     "                   if x[1].strip('.')]\n"),
]

# What postpermit's manual decides.
RULES = [
    ("the client's host name is not known: PTR queries are not counted as "
     "void, and find nothing",
     "        return self.dns('%s.%s.arpa'%(reverse_dots(i),self.v), 'PTR')\n",
     "        return []\n"),
    ("a term with a macro of the client counts as a lookup, matches nothing "
     "and is not looked up (redirect=: above)",
     "        for mech, m, arg, cidrlength, result in mechs:\n",
     "        for mech, m, arg, cidrlength, result in mechs:\n"
     "            if (m in ('a', 'mx', 'include', 'exists', 'ptr') and\n"
     "                    needs_client(mech)):\n"
     "                self.check_lookups()\n"
     "                continue\n"),
]

DEFINITIONS = r"""
RE_MACRO_STRING = re.compile(
    r'(?:[^%]|%[%_-]|%\{[slodiphvcrt](?:0*[1-9][0-9]*)?r?[-.+,/_=]*\})*\Z',
    re.IGNORECASE | re.DOTALL)
RE_VISIBLE = re.compile(r'[!-~]*\Z')
"""

LIMITS = ("MAX_LOOKUP", "MAX_MX", "MAX_PTR", "MAX_CNAME", "MAX_RECURSION",
          "MAX_VOID_LOOKUPS")
UNLIMITED = 10 ** 9
DEBIANS_MODULES = "/usr/lib/python3/dist-packages"  # another Python may run us
RECORDS_MAX = 400  # records that one address may lead through

MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")


class Missing(Exception):
    """python3-spf is not there, or is another than the one known here."""


class TooMany(Exception):
    """One address leads through more records than we care for."""


class Addresses:
    """The module ipaddress, but what was made once is not made again."""

    ip_address = staticmethod(functools.lru_cache(None)(ipaddress.ip_address))
    IPv4Address = ipaddress.IPv4Address

    class Network:
        def __init__(self, address):
            self.network = ipaddress.ip_network(address)
            self.wider = functools.lru_cache(None)(
                lambda n: Addresses.Range(self.network.supernet(new_prefix=n)))

        def supernet(self, new_prefix):
            return self.wider(new_prefix)

    class Range:
        def __init__(self, network):
            self.version = network.version
            self.first = int(network.network_address)
            self.last = int(network.broadcast_address)

        def __contains__(self, address):
            return (address.version == self.version
                    and self.first <= int(address) <= self.last)

    ip_network = staticmethod(functools.lru_cache(None)(Network))


def load(limits, corrected=True):
    """A copy of python3-spf as a module."""
    found = importlib.machinery.PathFinder.find_spec(
        "spf", sys.path + [DEBIANS_MODULES])
    if found is None or not found.origin:
        raise Missing("python3-spf is missing")
    with open(found.origin, encoding="utf-8") as f:
        source = f.read()
    if corrected:
        for change in DEVIATIONS + RULES:
            old, new = change[-2:]
            if source.count(old) != 1:
                raise Missing("another python3-spf than 2.0.14: " + change[0])
            source = source.replace(old, new)
    module = types.ModuleType("spf")
    module.needs_client = grammar.needs_client
    # It asks for a DNS library at its start, and never again.
    for name in ("dns", "dns.resolver", "dns.exception"):
        sys.modules.setdefault(name, types.ModuleType(name))
    sys.modules["dns"].rdatatype = types.SimpleNamespace(SPF=99)
    exec(compile(source + DEFINITIONS, found.origin, "exec"), module.__dict__)
    module.ipaddress = Addresses
    if not limits:
        for name in LIMITS:
            setattr(module, name, UNLIMITED)
    return module


def is_ipv4(address):
    """An IPv4-mapped address is the IPv4 client (RFC 7208 section 5)."""
    return address.version == 6 and address in MAPPED


class Judge:
    """check_host() for the domains of one zone."""

    def __init__(self, spf, zone):
        self.spf, self.zone = spf, zone

    def lookup(self, name, qtype, strict=True, timeout=20):
        """What python3-spf calls instead of DNS."""
        try:
            found, data = self.zone.answer(name.lower().rstrip("."), qtype)
        except Failure:
            raise self.spf.TempError("no answer")
        return [((name, found), one) for one in data]

    def result(self, domain, address):
        self.spf.DNSLookup = self.lookup
        return self.query(address, "postmaster@" + domain).check()[0]

    def query(self, address, sender):
        return self.spf.query(i=address, s=sender, h="client.invalid")


class StrictJudge(Judge):
    """To the letter, limits and errors included."""


class DefaultJudge(Judge):
    """Without limits; a broken term or a failing include costs only itself.

    - Broken terms are taken out beforehand (grammar.py).
    - A name with several records gets one that includes each of them under a
      name of its own: that is their union. check_host() is told the old name,
      so that a bare "a" and %{d} mean what they did.
    - What an include or redirect= finds no record at, or gets no answer from,
      stands for an empty record: it passes nothing. So does a record that is
      already on the path to itself: a loop.
    - A lookup that fails finds nothing.
    """

    def __init__(self, spf, zone):
        super().__init__(spf, self.mended(zone))
        judge = self

        class Query(spf.query):
            path = ()
            records = 0

            def dns(self, *args, **kwargs):
                try:
                    return super().dns(*args, **kwargs)
                except spf.TempError:
                    return []

            def dns_spf(self, domain):
                if domain.lower().rstrip(".") in self.path:
                    return "v=spf1"
                return super().dns_spf(domain) or "v=spf1"

            def check1(self, record, domain, recursion):
                name = domain.lower().rstrip(".")
                self.records += 1
                if self.records > RECORDS_MAX:
                    raise TooMany(domain)
                self.path += (name,)
                try:
                    return super().check1(
                        record, judge.owners.get(name, domain), recursion)
                finally:
                    self.path = self.path[:-1]

        self.spf_query = Query

    def query(self, address, sender):
        return self.spf_query(i=address, s=sender, h="client.invalid")

    def mended(self, zone):
        self.owners = {}
        mended = zone.copy()
        for name, at in zone.rrs.items():
            if "TXT" not in at and "CNAME" not in at:
                continue
            txt = [b"".join(strings) for strings in zone.resolve(name, "TXT")]
            records = [grammar.without_broken_terms(t) for t in txt
                       if grammar.is_record(t)]
            if len(records) > 1:
                names = ["%d!.%s" % (n, name) for n in range(len(records))]
                for one, record in zip(names, records):
                    self.owners[one] = name
                    mended.rrs[one] = {"TXT": [[record]]}
                records = [" ".join(["v=spf1"] + ["include:" + one for one in
                                                  names]).encode()]
            if records:
                # An alias keeps what it leads to, but for its TXT records.
                mended.rrs[name] = dict(mended.rrs[name], TXT=[[records[0]]])
        return mended
