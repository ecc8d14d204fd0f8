/*
 * places: whether update would overwrite a file that it did not write.
 */
#ifndef PLACES_H
#define PLACES_H

#include "session.h"

/*
 * Adds a problem for each table, and for -O, that is one of the lists, the
 * configuration, a file of the state directory or another table, however it is
 * spelled, or a file that update did not write.
 */
void places_check(const struct session *r, struct problems *problems);

/* The same for the metrics, which are written even if a run fails. */
void places_check_metrics(const struct session *r, struct problems *problems);

#endif
