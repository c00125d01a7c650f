/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proxy: whom it leads where, and what it refuses.
 */
#include "http/proxy.h"

#include <arpa/inet.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "http/server.h"
#include "support/harness.h"
#include "support/plain_http.h"
#include "util/file.h"
#include "util/mem.h"

#define OURS  "api.example.com"
#define AGREE "HTTP/1.1 200 Connection established\r\n\r\n"

static const char *const hosts[] = { OURS, "other.example.com", NULL };

static void answer(void *ctx, const struct http_request *r, struct http_answer *out)
{
	struct error err = { 0 };

	(void)ctx;
	out->status = 200;
	out->content_type = "text/plain";
	CHECK(buf_append_format(&out->body, &err, "%s %s %zu", r->method, r->path,
	                        r->body.n));
}

struct place {
	struct http_server *service;
	struct http_proxy *proxy;
	char refused[300];
	atomic_uint refusals;
};

static void on_refused(void *ctx, const char *where)
{
	struct place *p = ctx;

	snprintf(p->refused, sizeof p->refused, "%s", where);
	atomic_fetch_add(&p->refusals, 1);
}

static void place_end(struct place *p)
{
	http_proxy_stop(&p->proxy);
	http_server_stop(&p->service);
}

static bool place_begin(struct place *p, struct error *err)
{
	const struct http_server_options o = { .host = "127.0.0.1", .socket = -1 };

	if (!http_server_start(&p->service, &o, answer, NULL, err))
		return false;
	const struct http_proxy_options how = { .hosts = hosts,
		                                .to_port = http_server_port(p->service),
		                                .on_refused = on_refused,
		                                .ctx = p };
	return http_proxy_start(&p->proxy, &how, err);
}

/* All that comes back for this text. */
static char *say(const struct place *p, const char *text)
{
	AUTO(buf_free) struct buf got = BUF_INIT(4 << 20);

	plain_http(&got, http_proxy_port(p->proxy), slice_str(text));
	return mem_str(got.p, got.n);
}

static void check_said(const struct place *p, const char *text, const char *first)
{
	AUTO(drop_str) char *got = say(p, text);

	if (!CHECK(strncmp(got, first, strlen(first)) == 0))
		printf("# %.60s: %.200s\n", text, got);
}

#define GET "GET /x HTTP/1.1\r\nHost: " OURS "\r\nConnection: close\r\n\r\n"

TEST(leads_to_the_service)
{
	AUTO(place_end) struct place p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(place_begin(&p, &err), &err);
	AUTO(drop_str)
	char *got = say(&p, "CONNECT " OURS ":443 HTTP/1.1\r\nHost: x\r\n\r\n" GET);
	CHECK(strncmp(got, AGREE "HTTP/1.1 200 OK\r\n",
	              strlen(AGREE "HTTP/1.1 200 OK\r\n")) == 0);
	CHECK(strstr(got, "\r\n\r\nGET /x 0") != NULL);
	check_said(&p, "CONNECT OTHER.example.COM:443 HTTP/1.0\r\n\r\n" GET, AGREE);
	CHECK(p.refusals == 0);
}

TEST(leads_nowhere_else)
{
	static const char *const others[] = {
		"example.com:443",   OURS ":80",      OURS,
		OURS ".evil.io:443", "x" OURS ":443", "127.0.0.1:22",
		OURS ":4430",        "[::1]:443",     ":443",
	};
	AUTO(place_end) struct place p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(place_begin(&p, &err), &err);
	for (unsigned i = 0; i < ARRAY_LEN(others); i++) {
		AUTO(drop_str)
		char *text = mem_format("CONNECT %s HTTP/1.1\r\n\r\n" GET, others[i]);

		check_said(&p, text, "HTTP/1.1 403 Forbidden\r\n");
		CHECK(p.refusals == i + 1);
		CHECK_STR(p.refused, others[i]);
	}
	check_said(&p, GET, "HTTP/1.1 405 ");
	check_said(&p, "GET http://" OURS "/ HTTP/1.1\r\n\r\n", "HTTP/1.1 405 ");
	check_said(&p, "CONNECT " OURS ":443\r\n\r\n", "HTTP/1.1 405 ");
	check_said(&p, "CONNECT " OURS ":443 HTTP/2.0\r\n\r\n", "HTTP/1.1 405 ");
	check_said(&p, "\x16\x03\x01\r\n\r\n", "HTTP/1.1 405 ");
	CHECK(p.refusals == ARRAY_LEN(others));
}

/* A request whose header has this many bytes, the empty line included, and more. */
static char *header_of(size_t n)
{
	static const char head[] = "CONNECT " OURS ":443 HTTP/1.1\r\nX: ";
	AUTO(drop_str) char *filler = mem_zero(n, 1);

	memset(filler, 'x', n - strlen(head) - 4);
	return mem_format("%s%s\r\n\r\n" GET, head, filler);
}

TEST(takes_headers_up_to_a_limit)
{
	AUTO(place_end) struct place p = { 0 };
	AUTO(drop_str) char *fits = header_of(8192);
	AUTO(drop_str) char *larger = header_of(8193);
	struct error err = { 0 };

	REQUIRE_OK(place_begin(&p, &err), &err);
	check_said(&p, fits, AGREE);
	check_said(&p, larger, "HTTP/1.1 431 ");
}

TEST(carries_more_than_it_holds)
{
	AUTO(place_end) struct place p = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(2 << 20), got = BUF_INIT(2 << 20);
	struct error err = { 0 };

	REQUIRE_OK(place_begin(&p, &err) &&
	                   buf_append_str(&text,
	                                  "CONNECT " OURS ":443 HTTP/1.1\r\n\r\n"
	                                  "POST /x HTTP/1.1\r\nHost: x\r\nConnection: "
	                                  "close\r\nContent-Length: 1000000\r\n\r\n",
	                                  &err) &&
	                   buf_append_fill(&text, 'y', 1000000, &err),
	           &err);
	plain_http(&got, http_proxy_port(p.proxy), buf_slice(&text));
	AUTO(drop_str) char *said = mem_str(got.p, got.n);
	CHECK(strstr(said, "POST /x 1000000") != NULL);
}

static int call(const struct place *p)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		                  .sin_port = htons(http_proxy_port(p->proxy)) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
	return fd;
}

/* More than have room wait, and come in when others leave; silent ones do not hang it. */
TEST(has_room_for_many_and_ends_with_all)
{
	AUTO(place_end) struct place p = { 0 };
	int calls[HTTP_PROXY_MAX];
	struct error err = { 0 };

	REQUIRE_OK(place_begin(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		calls[i] = call(&p);
	for (size_t i = 0; i < ARRAY_LEN(calls); i += 2)
		close(calls[i]);
	check_said(&p, "CONNECT " OURS ":443 HTTP/1.1\r\n\r\n" GET, AGREE);
	http_proxy_stop(&p.proxy);
	for (size_t i = 1; i < ARRAY_LEN(calls); i += 2)
		close(calls[i]);
}

/* A service that is a bare socket. */
static int listen_here(uint16_t *port)
{
	struct sockaddr_in here = { .sin_family = AF_INET };
	socklen_t n = sizeof here;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&here, sizeof here) == 0 &&
	      listen(fd, 4) == 0 && getsockname(fd, (struct sockaddr *)&here, &n) == 0);
	*port = ntohs(here.sin_port);
	return fd;
}

/* Who has said all still hears the answer; the other side hears that it was all. */
TEST(an_end_goes_through_one_way_at_a_time)
{
	static const char text[] = "CONNECT " OURS ":443 HTTP/1.1\r\n\r\nall";
	AUTO(place_end) struct place p = { 0 };
	struct http_proxy_options how = { .hosts = hosts };
	AUTO(drop_fd) int service = listen_here(&how.to_port);
	const struct timeval patience = { .tv_sec = 5 };
	char heard[100] = "";
	size_t n = 0;
	ssize_t got;
	struct error err = { 0 };

	REQUIRE_OK(http_proxy_start(&p.proxy, &how, &err), &err);
	AUTO(drop_fd) int client = call(&p);
	REQUIRE(write(client, text, strlen(text)) == (ssize_t)strlen(text) &&
	        shutdown(client, SHUT_WR) == 0);
	AUTO(drop_fd) int other = accept(service, NULL, NULL);
	REQUIRE(setsockopt(other, SOL_SOCKET, SO_RCVTIMEO, &patience,
	                   sizeof patience) == 0 &&
	        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience,
	                   sizeof patience) == 0);
	while ((got = read(other, heard + n, sizeof heard - 1 - n)) > 0)
		n += (size_t)got;
	CHECK(got == 0);
	CHECK_STR(heard, "all");
	REQUIRE(write(other, "bye", 3) == 3 && shutdown(other, SHUT_WR) == 0);
	memset(heard, 0, sizeof heard);
	n = 0;
	while ((got = read(client, heard + n, sizeof heard - 1 - n)) > 0)
		n += (size_t)got;
	CHECK(got == 0);
	CHECK_STR(heard, AGREE "bye");
}

TEST(says_that_the_service_is_gone)
{
	AUTO(place_end) struct place p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(place_begin(&p, &err), &err);
	http_server_stop(&p.service);
	check_said(&p, "CONNECT " OURS ":443 HTTP/1.1\r\n\r\n", "HTTP/1.1 502 ");
}
