/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/server.h - an HTTP/1.1 server over libmicrohttpd.
 *
 * What is malformed or too slow is refused here, before a handler sees it: headers
 * over 32 KiB (431), connections that say nothing for http_server_options.timeout_s,
 * more than max_connections at once.  Bodies over HTTP_MAX_BODY are not kept.
 */
#pragma once

#include "http/http.h"

struct http_server; /* private */

/*
 * Answer a request.  Called on one of the server's threads, several at a time.
 * *out is zero at first.  It cannot fail: what goes wrong is an answer too.
 */
typedef void http_handler(void *ctx, const struct http_request *request,
                          struct http_answer *out);

struct http_server_options {
	const char *host; /* "127.0.0.1", "::1"; an address, not a name */
	uint16_t port;    /* 0: any free one */
	int socket;       /* one that listens already, instead; -1: none */
	/* PEM, both or neither: TLS 1.2 and later with this certificate (and what
	 * follows it) and key.  NULL: plain HTTP. */
	const char *cert_pem, *key_pem;
	unsigned threads;         /* 0: 4 for each processor */
	unsigned max_connections; /* 0: 1000 */
	unsigned timeout_s;       /* 0: 30 */
};

/*
 * Listen and serve, on threads of its own, until http_server_stop().
 * Errors: ERROR_USAGE (address), ERROR_EXISTS (the port is taken), ERROR_PERMISSION,
 * ERROR_IO.
 */
NODISCARD bool http_server_start(struct http_server **out,
                                 const struct http_server_options *options,
                                 http_handler *handler, void *ctx, struct error *err);
uint16_t http_server_port(const struct http_server *server);
/* No new connections; requests under way are answered; for AUTO(). */
void http_server_stop(struct http_server **server);
