/*
 * format: lets the compiler compare a format as printf() takes it, argument f,
 * with the arguments from a on (0: a va_list).
 */
#ifndef FORMAT_H
#define FORMAT_H

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

#endif
