/*
 * report: what each listed domain takes and permits, a line each.
 */
#ifndef REPORT_H
#define REPORT_H

#include "spf/evaluate.h"

/* Appends one domain's line. now: seconds since 1970, for the age. */
typedef void report_printer(
    struct buf *out, const char *name, struct verdict *v, int64_t now);

report_printer report_text;

/* The same as a JSON object; the caller puts the array around them. */
report_printer report_json;

#endif
