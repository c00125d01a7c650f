/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/http.h - a request and its answer, whoever carries them.
 *
 * What answers requests sees only these two, so tests call it without a socket.
 */
#pragma once

#include "util/buf.h"

#define HTTP_MAX_PARAMETERS 100         /* of a query */
#define HTTP_MAX_BODY       (1u << 20)  /* bytes of a request's body */
#define HTTP_MAX_ANSWER     (64u << 20) /* bytes of an answer's body */

/* "name=value", decoded; UTF-8 is not checked, NUL bytes do not occur. */
struct http_parameter {
	const char *name, *value;
};

/* What the server saw and would not take; the answerer finds the words. */
enum http_problem {
	HTTP_NO_PROBLEM,
	HTTP_BODY_TOO_LARGE,
	HTTP_TOO_MANY_PARAMETERS,
	HTTP_BAD_TEXT, /* a NUL in a parameter */
};

/* Everything is borrowed for the call. */
struct http_request {
	enum http_problem problem; /* parameters and body are incomplete then */
	const char *method;        /* "GET" */
	const char *path;          /* "/v1/devices", decoded */
	const struct http_parameter *parameters;
	size_t parameter_count;
	const char *host;          /* the Host header, NULL: none */
	const char *authorization; /* that header, NULL: none */
	bool is_tls;
	struct slice body;
};

/* The answer; release with http_answer_free(). */
struct http_answer {
	unsigned status;
	const char *content_type; /* a constant; NULL: there is no body */
	/* "Name: value" lines that go out besides; owned */
	struct http_header {
		const char *name; /* a constant */
		char *value;
	} headers[8];
	size_t header_count;
	struct buf body;
};

/* Add a header; value is copied.  No more than eight; more abort. */
PRINTF_LIKE(3, 4)
void http_answer_header(struct http_answer *a, const char *name, const char *fmt, ...);
void http_answer_free(struct http_answer *a); /* for AUTO() */
