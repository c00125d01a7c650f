/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking over HTTP: our own server answers.
 */
#include "http/client.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/server.h"
#include "support/harness.h"
#include "util/file.h"
#include "util/mem.h"

/* Says how it was asked, with the status that the path names. */
static void echo(void *ctx, const struct http_request *r, struct http_answer *out)
{
	struct error err = { 0 };

	(void)ctx;
	out->status = (unsigned)strtol(r->path + 1, NULL, 10);
	out->content_type = "text/plain";
	http_answer_header(out, "Location", "%s", "/200");
	CHECK(buf_append_format(&out->body, &err, "%s %zu ", r->method, r->body.n) &&
	      buf_append(&out->body, r->body, &err));
}

struct place {
	struct http_server *server;
	char *url;
};

static void place_free(struct place *p)
{
	http_server_stop(&p->server);
	free(p->url);
}

static bool place_make(struct place *p, const char *path, struct error *err)
{
	const struct http_server_options o = { .host = "127.0.0.1", .socket = -1 };

	if (!http_server_start(&p->server, &o, echo, NULL, err))
		return false;
	p->url = mem_format("http://127.0.0.1:%u%s",
	                    (unsigned)http_server_port(p->server), path);
	return true;
}

static void check_answer(const char *path, const char *body, unsigned want_status,
                         const char *want)
{
	AUTO(place_free) struct place p = { 0 };
	AUTO(buf_free) struct buf got = BUF_INIT(1);
	struct error err = { 0 };
	unsigned status = 0;

	REQUIRE_OK(place_make(&p, path, &err), &err);
	const struct http_question q = { .url = p.url,
		                         .content_type = body != NULL ? "a/b" : NULL,
		                         .body = slice_str(body != NULL ? body : "") };
	REQUIRE_OK(http_ask(&status, &got, &q, &err), &err);
	CHECK(status == want_status);
	CHECK(slice_equal(buf_slice(&got), slice_str(want)));
}

TEST(gets_and_posts)
{
	check_answer("/200", NULL, 200, "GET 0 ");
	check_answer("/200", "hello", 200, "POST 5 hello");
	check_answer("/200", "", 200, "POST 0 ");
	check_answer("/404", "hello", 404, "POST 5 hello");
	check_answer("/302", NULL, 302, "GET 0 "); /* not followed */
	check_answer("/500", NULL, 500, "GET 0 ");
}

TEST(sends_large_bodies_without_waiting_for_leave)
{
	AUTO(place_free) struct place p = { 0 };
	AUTO(buf_free) struct buf got = BUF_INIT(1);
	AUTO(buf_free) struct buf body = BUF_INIT(HTTP_MAX_BODY);
	struct error err = { 0 };
	unsigned status = 0;

	REQUIRE_OK(place_make(&p, "/200", &err) &&
	                   buf_append_fill(&body, 'x', HTTP_MAX_BODY, &err),
	           &err);
	const struct http_question q = { .url = p.url,
		                         .content_type = "a/b",
		                         .body = buf_slice(&body) };
	REQUIRE_OK(http_ask(&status, &got, &q, &err), &err);
	CHECK(status == 200 && got.n == strlen("POST 1048576 ") + HTTP_MAX_BODY);
}

TEST(takes_no_more_than_was_agreed)
{
	AUTO(place_free) struct place p = { 0 };
	AUTO(buf_free) struct buf fits = BUF_INIT(1), larger = BUF_INIT(1);
	struct error err = { 0 };
	unsigned status = 0;

	REQUIRE_OK(place_make(&p, "/200", &err), &err);
	struct http_question q = { .url = p.url,
		                   .content_type = "a/b",
		                   .body = slice_str("hello"),
		                   .max_bytes = strlen("POST 5 hello") };
	REQUIRE_OK(http_ask(&status, &fits, &q, &err), &err);
	q.max_bytes--;
	CHECK_FAILS(http_ask(&status, &larger, &q, &err), &err, ERROR_LIMIT,
	            "more than 11 bytes");
}

static void check_fails(const char *url, enum error_code code, const char *text)
{
	AUTO(buf_free) struct buf got = BUF_INIT(1);
	const struct http_question q = { .url = url, .timeout_s = 1 };
	struct error err = { 0 };
	unsigned status = 0;

	CHECK_FAILS(http_ask(&status, &got, &q, &err), &err, code, text);
	CHECK(status == 0);
}

TEST(says_why_there_is_no_answer)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t n = sizeof address;
	AUTO(drop_fd) int mute = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	check_fails("http://127.0.0.1:1/", ERROR_NETWORK, "no answer from http://127");
	check_fails("file:///etc/passwd", ERROR_USAGE, "no http or https URL");
	check_fails("", ERROR_USAGE, "no http or https URL");
	check_fails("http://", ERROR_NETWORK, "no answer");
	/* Takes calls and is silent. */
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	REQUIRE(bind(mute, (struct sockaddr *)&address, sizeof address) == 0 &&
	        listen(mute, 4) == 0 &&
	        getsockname(mute, (struct sockaddr *)&address, &n) == 0);
	AUTO(drop_str)
	char *url =
		mem_format("http://127.0.0.1:%u/", (unsigned)ntohs(address.sin_port));
	check_fails(url, ERROR_NETWORK, "no answer");
}
