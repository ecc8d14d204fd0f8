/*
 * reportpage: the text and style of the page that report -f html prints; what
 * goes between is put together in reporthtml.c. No script, nothing from
 * elsewhere: the policy in the head forbids it.
 */
#ifndef REPORTPAGE_H
#define REPORTPAGE_H

#define PAGE_COLOURS 8 /* of lists: .c0 to .c7 */

static const char page_head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width,"
    " initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
    "'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<title>postpermit: what the table permits</title>\n<style>\n"
    ":root{--bg:#fbfaf7;--fg:#22262b;--dim:#5c636d;--line:#e2dfd8;"
    "--box:#fff;--tint:#f1efe9;--track:#e9e6de;--warn:#9a4a00}\n"
    ".c0{--c:#2f6db5}.c1{--c:#c2570c}.c2{--c:#2f855a}.c3{--c:#7c55b5}"
    ".c4{--c:#b83a4b}.c5{--c:#117c86}.c6{--c:#86652f}.c7{--c:#6a7180}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#15181c;--fg:#e4e6e9;"
    "--dim:#a2a9b3;--line:#30353c;--box:#1c2025;--tint:#272d35;"
    "--track:#2c3239;--warn:#f0b072}\n"
    ".c0{--c:#74aaea}.c1{--c:#f09a58}.c2{--c:#75c795}.c3{--c:#b99ce9}"
    ".c4{--c:#ee8793}.c5{--c:#5cc4cd}.c6{--c:#cfb27b}.c7{--c:#a7afbc}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:76rem;padding:2rem 1.25rem 4rem;"
    "background:var(--bg);color:var(--fg);"
    "font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",sans-serif}\n"
    "h1{font-size:1.7rem;line-height:1.2;margin:0 0 .4rem;font-weight:650}\n"
    "h2{font-size:1.1rem;margin:2.5rem 0 .5rem;font-weight:650}\n"
    "p{margin:.3rem 0 .8rem;max-width:46rem}\n"
    ".dim,caption,thead th,summary{color:var(--dim)}\n"
    "code,details b{font:.875em/1.5 ui-monospace,Menlo,Consolas,monospace;"
    "overflow-wrap:anywhere}\n"
    ".map{display:flex;gap:2rem;flex-wrap:wrap;align-items:flex-start}\n"
    ".map svg{flex:1 1 34rem;width:100%;max-width:44rem;height:auto;"
    "background:var(--box);border:1px solid var(--line);border-radius:6px}\n"
    ".map ul{flex:1 1 17rem;list-style:none;margin:0;padding:0}\n"
    ".map li{padding:.45rem 0;border-bottom:1px solid var(--line)}\n"
    "small{color:var(--dim);font-size:.85rem}.map small{display:block}\n"
    "svg .grid{stroke:var(--line);stroke-width:.25;fill:none}\n"
    "svg .away{fill:var(--tint)}\n"
    "svg text{fill:var(--dim);font:3.4px ui-monospace,monospace;"
    "opacity:.75}\n"
    "svg g rect{fill:var(--c);stroke:var(--c);stroke-width:.8;"
    "stroke-linejoin:round}\n"
    ".dot{display:inline-block;width:.7em;height:.7em;border-radius:50%;"
    "background:var(--c);margin-right:.5em}\n"
    "table{width:100%;border-collapse:collapse;background:var(--box);"
    "border:1px solid var(--line);border-radius:6px}\n"
    "caption{text-align:left;padding:0 0 .6rem;font-size:.9rem;"
    "max-width:46rem}\n"
    "th,td{text-align:left;font-weight:400;padding:.35rem .8rem;"
    "vertical-align:top}\n"
    "thead th{font-size:.85rem;border-bottom:1px solid var(--line)}\n"
    "tr.list th{background:var(--tint);padding:.6rem .8rem;"
    "border-top:1px solid var(--line);border-left:4px solid var(--c)}\n"
    "tr.entry>*{border-top:1px solid var(--line)}\n"
    "tr.more td{padding-top:0}\n"
    "td.n{width:10.5rem;font-variant-numeric:tabular-nums}\n"
    "td+td{font-variant-numeric:tabular-nums}\n"
    ".bar{display:block;height:.4rem;border-radius:.2rem;"
    "background:var(--track);margin:.15rem 0 .1rem;overflow:hidden}\n"
    ".bar i{display:block;height:100%;min-width:1px;background:var(--c)}\n"
    "mark{background:none;font-size:.78rem;color:var(--warn);border:1px solid;"
    "border-radius:1em;padding:0 .5em;margin-left:.3em;white-space:nowrap}\n"
    "summary{cursor:pointer;font-size:.875rem}\n"
    "summary:focus-visible{outline:2px solid var(--c,currentColor);"
    "outline-offset:2px;border-radius:3px}\n"
    "details ul{margin:.2rem 0 .4rem;padding-left:1.1rem;"
    "border-left:1px solid var(--line);list-style:none}\n"
    "details b{font-weight:600}details p{font-size:.9rem;margin:.4rem 0 0}\n"
    "details ul ul{margin-left:.3rem}\n"
    ".terms code{margin-right:.9em;display:inline-block}\n"
    ".notes{color:var(--warn);font-size:.9rem}\n"
    "@media(max-width:48rem){body{padding:1.25rem .8rem 3rem}"
    "thead{position:absolute;clip-path:inset(50%)}"
    "table,caption,tbody,tr,th,td{display:block}table{border:0;background:none}"
    "tr{background:var(--box)}"
    "tr.entry{display:grid;grid-template-columns:1fr 1fr 1fr;"
    "border-top:1px solid var(--line);padding-top:.4rem}"
    "tr.entry>th{grid-column:1/-1;border:0}"
    "tr.entry>td{border:0;width:auto}"
    "td[data-l]::before{content:attr(data-l);display:block;"
    "font-size:.78rem;color:var(--dim)}svg text{display:none}}\n"
    "@media print{body{max-width:none}tr{break-inside:avoid}}\n"
    "</style>\n</head>\n<body>\n<main>\n<h1>What the table permits</h1>\n";

static const char page_map[] =
    "<h2>Where in IPv4</h2>\n"
    "<p class=\"dim\">Every square of the grid is a network of 16,777,216 "
    "addresses (its first number is shown), along a Hilbert curve, so that "
    "neighbours in number are neighbours in the picture. Each mark is a part "
    "of 65,536 addresses of which the table permits some: the more of it, the "
    "stronger the colour. Small marks are drawn larger than they are. Tinted: "
    "not for public hosts.</p>\n<div class=\"map\">"
    "<svg viewBox=\"0 0 256 256\" role=\"img\" aria-labelledby=\"m\">"
    "<title id=\"m\">The networks of each list on a map of IPv4; the table "
    "below has them as text.</title>\n";

static const char page_legend[] = "</svg>\n<ul>\n";

static const char page_table[] =
    "</ul></div>\n<h2>Entries</h2>\n<table>\n"
    "<caption>Each entry of the lists in force, in their order. The first bar "
    "is on a logarithmic scale, so that small senders can be seen; the other "
    "two are not. \xe2\x80\x9cOnly here\xe2\x80\x9d is the part of an "
    "entry\xe2\x80\x99s addresses that would leave the table with it. Open an "
    "entry to see what its records publish.</caption>\n"
    "<thead><tr><th scope=\"col\">Entry</th>"
    "<th scope=\"col\">IPv4 addresses</th>"
    "<th scope=\"col\">Share of the table</th>"
    "<th scope=\"col\">Only here</th>"
    "<th scope=\"col\">IPv6</th>"
    "<th scope=\"col\">Lookups</th></tr></thead>\n";

static const char page_end[] =
    "</table>\n<p class=\"dim\">A permitted client skips postscreen\xe2\x80"
    "\x99s tests; everything after postscreen sees its mail as before. Text "
    "from DNS is shown as it was published, with escapes.</p>\n"
    "</main>\n</body>\n</html>\n";

#endif
