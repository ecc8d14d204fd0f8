/*
 * report: what each listed domain takes and permits, a line each.
 */
#ifndef REPORT_H
#define REPORT_H

#include "base/json.h"
#include "spf/evaluate.h"

/* Appends one domain's line. now: seconds since 1970, for the age. */
void report_text(
    struct buf *out, const char *name, struct verdict *v, int64_t now);

/* The same as an element of an array of JSON. */
void report_json(
    struct json *j, const char *name, struct verdict *v, int64_t now);

#endif
