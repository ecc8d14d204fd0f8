/*
 * metrics: a file for node_exporter's textfile collector.
 */
#ifndef METRICS_H
#define METRICS_H

#include "lastrun.h"

/*
 * Writes metrics_file, if it is configured, after the update l. Returns 0, or
 * -1 with why.
 */
int metrics_write(struct session *r, const struct last_run *l, struct buf *why);

#endif
