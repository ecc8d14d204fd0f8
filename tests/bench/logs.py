#!/usr/bin/env python3
"""Write a synthetic mail log: logs.py SHAPE MEGABYTES FILE

    mail        what a mail server logs: 45 % of the connections are refused,
                15 % told to come back (half of these do), the others deliver
    hostile     every message is delayed, and from a sender domain and client
                of its own: nothing can be forgotten early
"""

import random
import sys
import time

HOST = "mx1"
DOMAINS = 3000
CIPHER = ("TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) "
          "key-exchange X25519 server-signature RSA-PSS (2048 bits) "
          "server-digest SHA256")


def address():
    return ".".join(str(random.randrange(*r)) for r in (
        (11, 200), (0, 256), (0, 256), (1, 255)))


def refused(n, client, port):
    yield "postscreen[9]: CONNECT from [%s]:%d to [192.0.2.1]:25" % (client, port)
    yield ("postscreen[9]: PREGREET 14 after 0.12 from [%s]:%d: EHLO pc\\r\\n"
           % (client, port))
    yield ("dnsblog[8]: addr %s listed by domain bl.example as 127.0.0.4"
           % client)
    yield "postscreen[9]: DNSBL rank 3 for [%s]:%d" % (client, port)
    yield ("postscreen[9]: NOQUEUE: reject: RCPT from [%s]:%d: 550 5.7.1 "
           "Service unavailable; client [%s] blocked using bl.example; "
           "from=<x%d@spam%d.example>, to=<u%d@here.example>, proto=ESMTP, "
           "helo=<pc>" % (client, port, client, n, n, n % 100))
    yield "postscreen[9]: DISCONNECT [%s]:%d" % (client, port)


def told(sender, recipient, client, port):
    yield "postscreen[9]: CONNECT from [%s]:%d to [192.0.2.1]:25" % (client, port)
    yield ("postscreen[9]: NOQUEUE: reject: RCPT from [%s]:%d: 450 4.3.2 "
           "Service currently unavailable; from=<%s>, to=<%s>, proto=ESMTP, "
           "helo=<out.example>" % (client, port, sender, recipient))
    yield "postscreen[9]: PASS NEW [%s]:%d" % (client, port)
    yield "postscreen[9]: DISCONNECT [%s]:%d" % (client, port)


def delivered(n, sender, recipient, client, port):
    queue_id = "%012X" % random.randrange(1 << 44, 1 << 45)
    name = "out%d.example[%s]" % (n % 7, client)
    yield "postscreen[9]: PASS OLD [%s]:%d" % (client, port)
    yield "smtpd[10]: connect from " + name
    yield ("smtpd[10]: Anonymous TLS connection established from %s: %s"
           % (name, CIPHER))
    yield "smtpd[10]: %s: client=%s" % (queue_id, name)
    yield "cleanup[11]: %s: message-id=<%d.%s@example>" % (queue_id, n, queue_id)
    yield ("qmgr[7]: %s: from=<%s>, size=%d, nrcpt=1 (queue active)"
           % (queue_id, sender, random.randrange(2000, 90000)))
    yield ("smtpd[10]: disconnect from %s ehlo=2 starttls=1 mail=1 rcpt=1 "
           "data=1 quit=1 commands=7" % name)
    yield ("lmtp[12]: %s: to=<%s>, relay=mail.example[private/dovecot-lmtp], "
           "delay=0.36, delays=0.31/0.01/0.01/0.03, dsn=2.0.0, status=sent "
           "(250 2.0.0 <%s> %s Saved)" % (queue_id, recipient, recipient,
                                          queue_id))
    yield "qmgr[7]: %s: removed" % queue_id


def mail(n, waiting):
    client, port = address(), random.randrange(1024, 65000)
    sender = "user%d@d%d.example" % (n, n % DOMAINS)
    recipient = "u%d@here.example" % (n % 100)
    kind = random.random()
    if kind < .45:
        return refused(n, client, port)
    if kind < .6:
        if random.random() < .5:
            waiting.append((sender, recipient, client))
        return told(sender, recipient, client, port)
    if len(waiting) > 100:
        sender, recipient, client = waiting.pop(0)
    return delivered(n, sender, recipient, client, port)


def hostile(n, waiting):
    if len(waiting) == 50000:
        return delivered(n, *waiting.pop(0), 25)
    waiting.append(("x@d%d.example" % n, "u%d@here.example" % n, address()))
    return told(*waiting[-1], 25)


def main():
    shape, size, file = sys.argv[1:]
    random.seed(1)
    now, n, left, waiting = 1793000000, 0, int(size) * 1000000, []
    with open(file, "w", encoding="ascii") as out:
        while left > 0:
            now += random.random() < .3
            n += 1
            head = "%s %s postfix/" % (
                time.strftime("%b %e %H:%M:%S", time.gmtime(now)), HOST)
            text = "".join(head + line + "\n"
                           for line in globals()[shape](n, waiting))
            out.write(text)
            left -= len(text)


if __name__ == "__main__":
    main()
