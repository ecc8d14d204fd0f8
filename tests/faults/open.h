/*
 * The ways to open a file, for a preloaded library that has open_at(): the
 * name of the function to go on with, and what openat() takes.
 */
#define OPEN_MODE(mode)                                     \
	do {                                                \
		va_list ap;                                 \
		va_start(ap, flags);                        \
		mode = (flags & (O_CREAT | O_TMPFILE)) != 0 \
			   ? va_arg(ap, mode_t)             \
			   : 0;                             \
		va_end(ap);                                 \
	} while (0)

int
open(const char *path, int flags, ...)
{
	mode_t mode;

	OPEN_MODE(mode);
	return open_at("openat", AT_FDCWD, path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	mode_t mode;

	OPEN_MODE(mode);
	return open_at("openat64", AT_FDCWD, path, flags, mode);
}

int
openat(int dir, const char *path, int flags, ...)
{
	mode_t mode;

	OPEN_MODE(mode);
	return open_at("openat", dir, path, flags, mode);
}

int
openat64(int dir, const char *path, int flags, ...)
{
	mode_t mode;

	OPEN_MODE(mode);
	return open_at("openat64", dir, path, flags, mode);
}
