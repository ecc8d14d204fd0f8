/*
 * signals: cleans up when a signal ends the program.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

/*
 * From now on a signal that ends the program first removes the temporary file,
 * and goes to a program that runs.
 */
void signals_catch(void);

#endif
