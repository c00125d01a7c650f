/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/proxy.h - a proxy for CONNECT (RFC 9110, section 9.3.6) that leads a few hosts to
 * one port of this machine, and everything else nowhere.
 *
 * For programs that know a service by its name and cannot be told another one: they
 * honour a proxy, and what they take for that host is ours (portal exec).
 */
#pragma once

#include <stdint.h>

#include "util/compiler.h"
#include "util/error.h"

#define HTTP_PROXY_MAX 64 /* tunnels at a time; more wait in the queue */

struct http_proxy;

struct http_proxy_options {
	const char *const *hosts; /* that are led there, port 443; NULL-terminated */
	uint16_t to_port;         /* of 127.0.0.1 */
	/* Told each "host:port" that was refused, on the proxy's thread; NULL: nobody. */
	void (*on_refused)(void *ctx, const char *where);
	void *ctx;
};

/*
 * Listen on 127.0.0.1, any free port, and serve on one thread until http_proxy_stop().
 * What options point to is borrowed for that long.  Errors: ERROR_IO.
 */
NODISCARD bool http_proxy_start(struct http_proxy **out,
                                const struct http_proxy_options *options,
                                struct error *err);
uint16_t http_proxy_port(const struct http_proxy *proxy);
void http_proxy_stop(struct http_proxy **proxy); /* for AUTO(); cuts what is open */
