/*
 * changesay: messages about entries that are held, accepted or released.
 */
#ifndef CHANGESAY_H
#define CHANGESAY_H

#include "base/json.h"
#include "changes.h"

/* After changes_settle(). */
void changes_say(struct changes *c);

/* Adds the held entries as the member "held". */
void changes_json(struct changes *c, struct json *j);

#endif
