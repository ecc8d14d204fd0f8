"""The grammar of SPF terms (RFC 7208 section 12), written once more.

It is not used to judge what a record permits. In default mode a broken term
costs only itself, which no evaluator of RFC 7208 does: the broken terms are
taken out here before the judge sees a record.
"""

import ipaddress
import re
import urllib.parse

ALNUM = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
OCTET = re.compile(r"0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5]")
LENGTHS = re.compile(r"(?:/(0|[1-9][0-9]?))?(?://(0|[1-9][0-9]{0,2}))?$")


def macros(text):
    """A macro-string as a list of characters and macros, None if it is none.

    A macro is a tuple: (letter, number or 0, reverse, delimiters), or
    ("%",) and the like for the three that take nothing.
    """
    parts, at = [], 0
    while at < len(text):
        if text[at] != "%":
            parts.append(text[at])
            at += 1
            continue
        if text[at + 1:at + 2] in ("%", "_", "-"):
            parts.append((text[at + 1],))
            at += 2
            continue
        end = text.find("}", at)
        inside = text[at + 2:end]
        if text[at + 1:at + 2] != "{" or end < 0 or not inside:
            return None
        letter, rest = inside[0], inside[1:]
        digits = rest[:len(rest) - len(rest.lstrip("0123456789"))]
        rest = rest[len(digits):]
        reverse = rest[:1] in ("r", "R")
        delimiters = rest[1:] if reverse else rest
        if (letter not in "slodiphvSLODIPHV" or digits and int(digits) == 0
                or delimiters.strip(".-+,/_=")):
            return None
        parts.append((letter, int(digits or 0), reverse, delimiters))
        at = end + 1
    return parts


def is_toplabel(label):
    label = label.lower()
    if not label or set(label) - ALNUM - {"-"} or "-" in (label[0], label[-1]):
        return False
    return "-" in label or not label.isdigit()


def is_domain_spec(text):
    parts = macros(text)
    if not parts:
        return False
    if isinstance(parts[-1], tuple):
        return True
    tail = []
    while parts and isinstance(parts[-1], str):
        tail.insert(0, parts.pop())
    tail = "".join(tail)
    if tail.endswith("."):
        tail = tail[:-1]
    return "." in tail and is_toplabel(tail.rsplit(".", 1)[1])


def kind(term):
    """What a term is, in lower case; "=" for an unknown modifier; None."""
    if not term or any(not "!" <= c <= "~" for c in term):
        return None
    word, equals, value = term.partition("=")
    if equals and re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]*", word):
        if word.lower() in ("redirect", "exp"):
            return word.lower() if is_domain_spec(value) else None
        return None if macros(value) is None else "="
    if term[0] in "+-?~":
        term = term[1:]
    word = re.match(r"[^:/]*", term).group().lower()
    rest = term[len(word):]
    return word if RULES.get(word, lambda _: False)(rest) else None


def is_addressed(rest):
    """[":" domain-spec] [dual-cidr-length]"""
    lengths = LENGTHS.search(rest)
    if (int(lengths.group(1) or 0) > 32 or int(lengths.group(2) or 0) > 128):
        return False
    rest = rest[:lengths.start()]
    return not rest or rest[0] == ":" and is_domain_spec(rest[1:])


def is_named(rest):
    return rest[:1] == ":" and is_domain_spec(rest[1:])


def is_length(slash, text, most):
    return not slash or (re.fullmatch(r"0|[1-9][0-9]*", text)
                         and int(text) <= most)


def is_ip4(rest):
    address, slash, length = rest[1:].partition("/")
    octets = address.split(".")
    return (rest[:1] == ":" and len(octets) == 4
            and all(OCTET.fullmatch(o) for o in octets)
            and is_length(slash, length, 32))


def is_ip6(rest):
    address, slash, length = rest[1:].partition("/")
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        return False
    return (rest[:1] == ":" and "%" not in address
            and is_length(slash, length, 128))


RULES = {
    "all": lambda rest: not rest,
    "include": is_named,
    "exists": is_named,
    "a": is_addressed,
    "mx": is_addressed,
    "ptr": lambda rest: not rest or is_named(rest),
    "ip4": is_ip4,
    "ip6": is_ip6,
}


def domain_spec(term):
    """The domain-spec of a term without macros of the client, or None."""
    if kind(term) not in ("include", "exists", "a", "mx", "redirect", "exp"):
        return None
    spec = re.split("[:=]", term, maxsplit=1)[1:]
    if not spec or needs_client(spec[0]):
        return None
    return LENGTHS.sub("", spec[0])


def is_record(text):
    """Section 4.5, for bytes."""
    return text[:6].lower() == b"v=spf1" and text[6:7] in (b"", b" ")


def without_broken_terms(text):
    """The record, as bytes, without what the grammar refuses. Of redirect=
    and exp= the first counts (section 6 allows one)."""
    kept, once = ["v=spf1"], set()
    for term in text.decode("latin-1").split(" ")[1:]:
        what = kind(term)
        if what is None or what in once:
            continue
        if what in ("redirect", "exp"):
            once.add(what)
        kept.append(term)
    return " ".join(kept).encode("ascii")


def needs_client(text):
    """Whether a macro of the client stands in a (valid) macro-string."""
    return "%" in text and any(
        isinstance(p, tuple) and p[0].lower() in "slipvh"
        for p in macros(text) or ())


def expand(text, domain, origin):
    """A domain-spec without macros of the client to the name it means."""
    out = ""
    for part in macros(text):
        if isinstance(part, str):
            out += part
        elif len(part) == 1:
            out += {"%": "%", "_": " ", "-": "%20"}[part[0]]
        else:
            letter, number, reverse, delimiters = part
            value = origin if letter in "oO" else domain
            labels = re.split("[%s]" % re.escape(delimiters or "."), value)
            if reverse:
                labels.reverse()
            value = ".".join(labels[-number:])
            out += urllib.parse.quote(value, "~") if letter.isupper() else value
    out = out[:-1] if out.endswith(".") else out
    while len(out) > 253 and "." in out:
        out = out.split(".", 1)[1]
    return out.lower()
