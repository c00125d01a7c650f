/* SPDX-License-Identifier: Apache-2.0 */
#include "support/plain_http.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "util/file.h"

static int connected(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		                  .sin_port = htons(port),
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct timeval patience = { .tv_sec = 10 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) {
		perror("plain_http");
		abort();
	}
	return fd;
}

void plain_http(struct buf *out, uint16_t port, struct slice request)
{
	AUTO(drop_fd) int fd = connected(port);
	struct error err = { 0 };
	char piece[4096];
	ssize_t n;

	while (request.n > 0) {
		n = send(fd, request.p, request.n, MSG_NOSIGNAL);
		if (n <= 0)
			break; /* it has answered and closed */
		request = slice_of(request.p + n, request.n - (size_t)n);
	}
	while ((n = recv(fd, piece, sizeof piece, 0)) > 0)
		if (!buf_append(out, slice_of(piece, (size_t)n), &err))
			abort();
}
