/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include <stdatomic.h>

#include "support/harness.h"
#include "support/plain_http.h"
#include "util/mem.h"

static atomic_uint calls;

/* Says what it was asked. */
static void echo(void *ctx, const struct http_request *r, struct http_answer *out)
{
	struct error err = { 0 };
	const char *mark = ctx;

	atomic_fetch_add(&calls, 1);
	out->status = 200;
	out->content_type = "text/plain";
	http_answer_header(out, "X-Mark", "%s", mark);
	bool ok =
		buf_append_format(&out->body, &err, "%d %s %s host=%s auth=%s tls=%d\n",
	                          (int)r->problem, r->method, r->path,
	                          r->host != NULL ? r->host : "-",
	                          r->authorization != NULL ? r->authorization : "-",
	                          r->is_tls);
	for (size_t i = 0; ok && i < r->parameter_count; i++)
		ok = buf_append_format(&out->body, &err, "[%s]=[%s]\n",
		                       r->parameters[i].name, r->parameters[i].value);
	ok = ok && buf_append_format(&out->body, &err, "body %zu ", r->body.n) &&
	     buf_append(&out->body,
	                slice_of(r->body.p, r->body.n < 100 ? r->body.n : 100), &err);
	CHECK(ok);
}

static void silent(void *ctx, const struct http_request *r, struct http_answer *out)
{
	(void)ctx;
	(void)r;
	out->status = 204;
}

static bool start(struct http_server **out, http_handler *handler, struct error *err)
{
	const struct http_server_options o = {
		.host = "127.0.0.1", .socket = -1, .threads = 2, .timeout_s = 2
	};
	static char mark[] = "here";

	return http_server_start(out, &o, handler, mark, err);
}

static char *ask(const struct http_server *server, struct slice request)
{
	AUTO(buf_free) struct buf answer = BUF_INIT(1 << 20);

	plain_http(&answer, http_server_port(server), request);
	return mem_str(answer.p, answer.n);
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

TEST(hands_over_what_was_asked)
{
	AUTO(http_server_stop) struct http_server *server = NULL;
	struct error err = { 0 };

	REQUIRE_OK(start(&server, echo, &err), &err);
	AUTO(drop_str)
	char *got =
		ask(server,
	            slice_str(
			    "POST /v1/a%20b?filter[id]=x,y&filter%5Bid%5D=z&q=a+b&e= "
			    "HTTP/1.1\r\nHost: portal:81\r\nAuthorization: Bearer t\r\n"
			    "Connection: close\r\nContent-Length: 5\r\n\r\nhello"));
	CHECK(has(got, "HTTP/1.1 200 OK\r\n"));
	CHECK(has(got, "Content-Type: text/plain\r\n"));
	CHECK(has(got, "X-Mark: here\r\n"));
	CHECK(has(got, "0 POST /v1/a b host=portal:81 auth=Bearer t tls=0\n"));
	CHECK(has(got, "[filter[id]]=[x,y]\n[filter[id]]=[z]\n[q]=[a b]\n[e]=[]\n"));
	CHECK(has(got, "body 5 hello"));
}

TEST(no_content_has_neither_body_nor_type)
{
	AUTO(http_server_stop) struct http_server *server = NULL;
	struct error err = { 0 };

	REQUIRE_OK(start(&server, silent, &err), &err);
	AUTO(drop_str)
	char *got = ask(server, slice_str("DELETE /x HTTP/1.1\r\nHost: h\r\n"
	                                  "Connection: close\r\n\r\n"));
	CHECK(has(got, "HTTP/1.1 204 No Content\r\n"));
	CHECK(!has(got, "Content-Type"));
	CHECK(has(got, "\r\n\r\n") && strstr(got, "\r\n\r\n")[4] == '\0');
}

static char *ask_with_body(const struct http_server *server, size_t n)
{
	AUTO(buf_free) struct buf request = BUF_INIT((size_t)HTTP_MAX_BODY * 2);
	struct error err = { 0 };

	CHECK(buf_append_format(&request, &err,
	                        "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
	                        "Content-Length: %zu\r\n\r\n",
	                        n) &&
	      buf_append_fill(&request, 'x', n, &err));
	return ask(server, buf_slice(&request));
}

TEST(a_body_has_a_limit)
{
	AUTO(http_server_stop) struct http_server *server = NULL;
	struct error err = { 0 };

	REQUIRE_OK(start(&server, echo, &err), &err);
	AUTO(drop_str) char *most = ask_with_body(server, HTTP_MAX_BODY);
	CHECK(has(most, "0 POST /") && has(most, "body 1048576 xxx"));
	AUTO(drop_str) char *more = ask_with_body(server, HTTP_MAX_BODY + 1);
	CHECK(has(more, "1 POST /"));
}

static char *ask_with_parameters(const struct http_server *server, size_t n)
{
	AUTO(buf_free) struct buf request = BUF_INIT(1 << 20);
	struct error err = { 0 };
	bool ok = buf_append_str(&request, "GET /?", &err);

	for (size_t i = 0; ok && i < n; i++)
		ok = buf_append_format(&request, &err, "%sp%zu=", i > 0 ? "&" : "", i);
	CHECK(ok && buf_append_str(&request,
	                           " HTTP/1.1\r\nHost: h\r\n"
	                           "Connection: close\r\n\r\n",
	                           &err));
	return ask(server, buf_slice(&request));
}

TEST(parameters_have_a_limit)
{
	AUTO(http_server_stop) struct http_server *server = NULL;
	struct error err = { 0 };

	REQUIRE_OK(start(&server, echo, &err), &err);
	AUTO(drop_str) char *most = ask_with_parameters(server, HTTP_MAX_PARAMETERS);
	CHECK(has(most, "0 GET /") && has(most, "[p99]=[]"));
	AUTO(drop_str)
	char *more = ask_with_parameters(server, HTTP_MAX_PARAMETERS + 1);
	CHECK(has(more, "2 GET /"));
	AUTO(drop_str)
	char *nul = ask(server, slice_str("GET /?a=%00b HTTP/1.1\r\nHost: h\r\n"
	                                  "Connection: close\r\n\r\n"));
	CHECK(has(nul, "3 GET /"));
}

TEST(what_is_malformed_reaches_nobody)
{
	static const char *const bad[] = {
		"nonsense\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n", /* no Host */
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1x\r\n\r\nx",
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	};
	AUTO(http_server_stop) struct http_server *server = NULL;
	struct error err = { 0 };

	REQUIRE_OK(start(&server, echo, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		unsigned before = atomic_load(&calls);
		AUTO(drop_str) char *got = ask(server, slice_str(bad[i]));

		CHECK(got[0] == '\0' || has(got, "HTTP/1.1 4"));
		CHECK(atomic_load(&calls) == before);
	}
	/* Headers without an end. */
	AUTO(buf_free) struct buf big = BUF_INIT(1 << 20);
	REQUIRE_OK(buf_append_str(&big, "GET / HTTP/1.1\r\nHost: h\r\nX: ", &err),
	           &err);
	REQUIRE_OK(buf_append_fill(&big, 'x', 1 << 16, &err), &err);
	unsigned before = atomic_load(&calls);
	AUTO(drop_str) char *got = ask(server, buf_slice(&big));
	CHECK(got[0] == '\0' || has(got, "HTTP/1.1 431"));
	CHECK(atomic_load(&calls) == before);
}

TEST(who_says_nothing_is_hung_up_on)
{
	AUTO(http_server_stop) struct http_server *server = NULL;
	struct error err = { 0 };
	unsigned before = atomic_load(&calls);

	REQUIRE_OK(start(&server, echo, &err), &err);
	/* Returns before its own ten seconds are over. */
	AUTO(drop_str) char *got = ask(server, slice_str("GET / HTTP/1.1\r\nHo"));
	CHECK(!has(got, "200 OK"));
	CHECK(atomic_load(&calls) == before);
}

TEST(says_why_it_cannot_listen)
{
	AUTO(http_server_stop) struct http_server *first = NULL;
	AUTO(http_server_stop) struct http_server *second = NULL;
	struct http_server_options o = { .host = "127.0.0.1", .socket = -1 };
	struct error err = { 0 };

	REQUIRE_OK(http_server_start(&first, &o, echo, NULL, &err), &err);
	o.port = http_server_port(first);
	CHECK(o.port != 0);
	CHECK_FAILS(http_server_start(&second, &o, echo, NULL, &err), &err,
	            ERROR_EXISTS, "is taken");
	o.port = 0;
	o.host = "localhost";
	CHECK_FAILS(http_server_start(&second, &o, echo, NULL, &err), &err, ERROR_USAGE,
	            "no address");
	o.host = "::1";
	o.cert_pem = "no certificate";
	o.key_pem = "no key";
	CHECK(!http_server_start(&second, &o, echo, NULL, &err));
	CHECK(err.code == ERROR_IO);
	error_clear(&err);
	CHECK(second == NULL);
}
