/*
 * channel: a socket that is connected to a server.
 */
#include "dns/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#define RECEIVE_BUFFER (1 << 20)

int
channel_connect(const struct server *server, int type)
{
	int size = RECEIVE_BUFFER, one = 1, flags, error;
	int fd = socket(server->addr.ss_family, type, 0);

	if (fd < 0)
		return -1;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		goto fail;
	/* Best effort: without these it is slower, not wrong. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (const struct sockaddr *)&server->addr, server->len) !=
		0 &&
	    errno != EINPROGRESS)
		goto fail;
	return fd;
fail:
	error = errno;
	close(fd);
	errno = error;
	return -1;
}
