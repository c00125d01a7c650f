/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/client.h - ask a server over HTTP, by libcurl.
 *
 * libcurl and what it needs take longer to load than most commands take to run, so it
 * is loaded when something is asked for the first time (docs/decisions/011-http.md).
 * Proxies are those of the environment (http_proxy, HTTPS_PROXY, NO_PROXY), the roots
 * of TLS those of the system (SSL_CERT_FILE).  No redirection is followed.
 */
#pragma once

#include "util/buf.h"

struct http_question {
	const char *url; /* http:// or https:// */
	const char
		*content_type; /* of the body; NULL: there is none, and it is a GET */
	struct slice body;
	unsigned timeout_s; /* for all of it; 0: 20 */
	size_t max_bytes;   /* of the answer's body; 0: HTTP_MAX_ANSWER */
};

/*
 * Ask.  *status: of the answer, whatever it is; *body: its body.
 * Errors: ERROR_USAGE (the URL), ERROR_NETWORK, ERROR_LIMIT (a larger answer),
 * ERROR_NOT_FOUND (libcurl is not installed).
 */
NODISCARD bool http_ask(unsigned *status, struct buf *body,
                        const struct http_question *question, struct error *err);
