/* SPDX-License-Identifier: Apache-2.0 */
#include "http/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "util/file.h"
#include "util/mem.h"

#define HEADER_MAX 8192 /* bytes of a request's header */
#define HEADER_S   10   /* for all of it */
#define FLOW_BYTES 16384
#define IDLE_S     300 /* a tunnel through which nothing goes */

/* Bytes on their way from one end to the other. */
struct flow {
	unsigned char bytes[FLOW_BYTES];
	size_t at, n;
	bool has_ended; /* the sender sends no more */
	bool is_told;   /* and the receiver knows */
};

struct tunnel {
	int client, service; /* sockets; service -1: nothing is agreed yet */
	struct flow up, down;
	bool is_refused; /* once down is empty that is all */
	time_t until;    /* when patience ends */
};

struct http_proxy {
	struct http_proxy_options how;
	int listener;
	int wake[2]; /* a pipe: closing its end stops the thread */
	uint16_t port;
	pthread_t thread;
	bool is_running;
	struct tunnel *tunnels[HTTP_PROXY_MAX];
	size_t count;
};

static time_t now_s(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* ---- one tunnel ---- */

static void tunnel_free(struct tunnel *t)
{
	drop_fd(&t->client);
	drop_fd(&t->service);
	free(t);
}

static bool is_transient(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* false: the connection is broken. */
static bool fill(struct flow *f, int from)
{
	if (f->at == f->n)
		f->at = f->n = 0;
	if (f->has_ended || f->n == FLOW_BYTES)
		return true;
	ssize_t got = recv(from, f->bytes + f->n, FLOW_BYTES - f->n, 0);
	if (got < 0)
		return is_transient();
	f->has_ended = got == 0;
	f->n += (size_t)got;
	return true;
}

static bool drain(struct flow *f, int to)
{
	while (f->at < f->n) {
		ssize_t put = send(to, f->bytes + f->at, f->n - f->at, MSG_NOSIGNAL);

		if (put < 0)
			return is_transient();
		f->at += (size_t)put;
	}
	if (f->has_ended && !f->is_told) {
		shutdown(to, SHUT_WR);
		f->is_told = true;
	}
	return true;
}

static void say(struct tunnel *t, const char *text)
{
	size_t n = strlen(text);

	memcpy(t->down.bytes, text, n);
	t->down.n = n;
}

static void refuse(struct tunnel *t, const char *text)
{
	say(t, text);
	t->is_refused = true;
	t->down.has_ended = true;
}

/* Not for children, and never to be waited for.  -1: it is none, or closed now. */
static int tame(int fd)
{
	if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
	    fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
		return fd;
	drop_fd(&fd);
	return -1;
}

static int connect_to(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
		return tame(fd);
	drop_fd(&fd);
	return -1;
}

static bool is_ours(const struct http_proxy *p, const char *where)
{
	for (const char *const *host = p->how.hosts; *host != NULL; host++) {
		size_t n = strlen(*host);

		if (strncasecmp(where, *host, n) == 0 && strcmp(where + n, ":443") == 0)
			return true;
	}
	return false;
}

/* The request is there: "CONNECT host:port HTTP/1.1", and headers that say nothing. */
static void agree(struct http_proxy *p, struct tunnel *t)
{
	char where[300], version[16];

	if (sscanf((const char *)t->up.bytes, "CONNECT %299[^ \r\n] HTTP/1.%15[01]\r\n",
	           where, version) != 2) {
		refuse(t, "HTTP/1.1 405 Method Not Allowed\r\nAllow: CONNECT\r\n"
		          "Content-Length: 0\r\nConnection: close\r\n\r\n");
		return;
	}
	if (!is_ours(p, where)) {
		if (p->how.on_refused != NULL)
			p->how.on_refused(p->how.ctx, where);
		refuse(t, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n"
		          "Connection: close\r\n\r\n");
		return;
	}
	t->service = connect_to(p->how.to_port);
	if (t->service < 0)
		refuse(t, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n"
		          "Connection: close\r\n\r\n");
	else
		say(t, "HTTP/1.1 200 Connection established\r\n\r\n");
}

/* false: it is over. */
static bool read_request(struct http_proxy *p, struct tunnel *t)
{
	static const char end[] = "\r\n\r\n";
	const unsigned char *found;

	if (!fill(&t->up, t->client) || t->up.has_ended)
		return false;
	found = memmem(t->up.bytes, t->up.n < HEADER_MAX ? t->up.n : HEADER_MAX, end,
	               sizeof end - 1);
	if (found == NULL) {
		if (t->up.n >= HEADER_MAX)
			refuse(t, "HTTP/1.1 431 Request Header Fields Too Large\r\n"
			          "Content-Length: 0\r\nConnection: close\r\n\r\n");
		return true;
	}
	/* What comes behind it belongs into the tunnel already. */
	t->up.at = (size_t)(found - t->up.bytes) + sizeof end - 1;
	t->up.bytes[t->up.at - 1] = '\0';
	agree(p, t);
	t->until = now_s() + IDLE_S;
	return true;
}

/* Something may have come, or may go.  false: it is over. */
static bool tunnel_step(struct http_proxy *p, struct tunnel *t, bool is_ready)
{
	if (now_s() > t->until)
		return false;
	if (!is_ready)
		return true;
	if (t->is_refused)
		return drain(&t->down, t->client) && t->down.at < t->down.n;
	if (t->service < 0)
		return read_request(p, t);
	t->until = now_s() + IDLE_S;
	return fill(&t->up, t->client) && fill(&t->down, t->service) &&
	       drain(&t->up, t->service) && drain(&t->down, t->client) &&
	       !(t->up.is_told && t->down.is_told);
}

/* ---- all of them ---- */

static void accept_one(struct http_proxy *p)
{
	int fd = tame(accept(p->listener, NULL, NULL));
	struct tunnel *t;

	if (fd < 0)
		return;
	t = mem_zero(1, sizeof *t);
	t->client = fd;
	t->service = -1;
	t->until = now_s() + HEADER_S;
	p->tunnels[p->count++] = t;
}

static short wanted(const struct flow *in, const struct flow *out)
{
	return (short)((in->has_ended || (in->n == FLOW_BYTES && in->at < in->n)
	                        ? 0
	                        : POLLIN) |
	               (out->at < out->n ? POLLOUT : 0));
}

/* [0] the pipe, [1] the listener, then two for each tunnel; -1 is skipped by poll(). */
static void list_events(const struct http_proxy *p, struct pollfd *out)
{
	out[0] = (struct pollfd){ .fd = p->wake[0], .events = POLLIN };
	out[1] = (struct pollfd){ .fd = p->count < HTTP_PROXY_MAX ? p->listener : -1,
		                  .events = POLLIN };
	for (size_t i = 0; i < p->count; i++) {
		const struct tunnel *t = p->tunnels[i];

		out[2 + 2 * i] = (struct pollfd){ .fd = t->client,
			                          .events = wanted(&t->up, &t->down) };
		out[3 + 2 * i] = (struct pollfd){ .fd = t->service,
			                          .events = wanted(&t->down, &t->up) };
	}
}

static void *serve(void *ctx)
{
	struct http_proxy *p = ctx;
	struct pollfd events[2 + 2 * HTTP_PROXY_MAX];

	for (;;) {
		size_t count = p->count, kept = 0;

		list_events(p, events);
		if (poll(events, 2 + 2 * count, 1000) < 0 && errno != EINTR)
			return NULL;
		if (events[0].revents != 0)
			return NULL;
		for (size_t i = 0; i < count; i++) {
			struct tunnel *t = p->tunnels[i];
			bool is_ready = (events[2 + 2 * i].revents |
			                 events[3 + 2 * i].revents) != 0;

			if (tunnel_step(p, t, is_ready))
				p->tunnels[kept++] = t;
			else
				tunnel_free(t);
		}
		p->count = kept;
		if (events[1].revents != 0)
			accept_one(p);
	}
}

static bool listen_here(struct http_proxy *p, struct error *err)
{
	struct sockaddr_in here = { .sin_family = AF_INET };
	socklen_t n = sizeof here;

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	p->listener = tame(socket(AF_INET, SOCK_STREAM, 0));
	if (p->listener < 0 ||
	    bind(p->listener, (const struct sockaddr *)&here, sizeof here) != 0 ||
	    listen(p->listener, HTTP_PROXY_MAX) != 0 ||
	    getsockname(p->listener, (struct sockaddr *)&here, &n) != 0 ||
	    pipe(p->wake) != 0)
		return error_set_errno(err, "could not listen on 127.0.0.1");
	p->wake[0] = tame(p->wake[0]);
	p->wake[1] = tame(p->wake[1]);
	p->port = ntohs(here.sin_port);
	return true;
}

bool http_proxy_start(struct http_proxy **out, const struct http_proxy_options *options,
                      struct error *err)
{
	AUTO(http_proxy_stop) struct http_proxy *p = mem_zero(1, sizeof *p);

	p->how = *options;
	p->listener = p->wake[0] = p->wake[1] = -1;
	if (!listen_here(p, err))
		return false;
	errno = pthread_create(&p->thread, NULL, serve, p);
	if (errno != 0)
		return error_set_errno(err, "could not start a thread");
	p->is_running = true;
	*out = STEAL(p);
	return true;
}

uint16_t http_proxy_port(const struct http_proxy *proxy)
{
	return proxy->port;
}

void http_proxy_stop(struct http_proxy **proxy)
{
	struct http_proxy *p = *proxy;

	if (p == NULL)
		return;
	drop_fd(&p->wake[1]);
	if (p->is_running)
		pthread_join(p->thread, NULL);
	for (size_t i = 0; i < p->count; i++)
		tunnel_free(p->tunnels[i]);
	drop_fd(&p->wake[0]);
	drop_fd(&p->listener);
	free(p);
	*proxy = NULL;
}
