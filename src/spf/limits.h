/*
 * limits: how much one listed domain may cost.
 */
#ifndef LIMITS_H
#define LIMITS_H

/* Bounds for one listed domain; no honest one comes near. */
#define RECORDS_MAX 1000         /* records evaluated, repeats counted */
#define QUERIES_MAX 2000         /* DNS lookups, repeats counted */
#define TERMS_MAX 100000         /* terms of all these records */
#define ADDRESSES_MAX 50000      /* addresses that a and mx match */
#define COMPARISONS_MAX 10000000 /* ranges that terms are compared with */
#define DEPTH_MAX 40             /* includes and redirects inside each other */
#define MX_NAMES_MAX 100         /* exchanges of one MX RRset */
#define NOTES_MAX 20             /* notes that are shown */
#define WANTS_MAX 32 /* missing lookups that are asked for in one go */

#endif
