/*
 * limits: how much one listed domain may cost. The numbers in parentheses are
 * the largest of 39,000 real domains.
 */
#ifndef LIMITS_H
#define LIMITS_H

#define RECORDS_MAX 1000    /* records evaluated, repeats counted (58) */
#define QUERIES_MAX 2000    /* DNS lookups, repeats counted (103) */
#define STEPS_MAX 250000    /* see struct cost in evaluator.h (12,358) */
#define STEPS_PER_QUERY 500 /* if fewer queries are allowed */
#define DEPTH_MAX 40        /* includes and redirects inside each other (10) */
/*
 * A record that is included, or redirected to, may cost a half of all this, one
 * inside that a quarter, and so on, down to this part: who publishes it leaves
 * enough to those that include it. (Of the real domains, none needs more than
 * the last.)
 */
#define PARTS_MAX 4             /* halvings */
#define MX_NAMES_MAX 100        /* exchanges of one MX RRset */
#define NOTES_MAX 20            /* notes that are shown */
#define ENTRY_BYTES_MAX 1048576 /* of saved answers (less than 32,768) */

#endif
