/*
 * metrics: a file for node_exporter's textfile collector.
 */
#ifndef METRICS_H
#define METRICS_H

#include "session.h"

/*
 * Writes metrics_file, if it is configured, after an update that ends with
 * that status. Returns 0, or -1 with why.
 */
int metrics_write(struct session *r, enum status status, struct buf *why);

#endif
